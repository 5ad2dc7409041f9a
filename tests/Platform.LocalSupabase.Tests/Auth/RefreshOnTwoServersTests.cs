using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Platform.LocalSupabase.Auth.Options;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Auth;

/// <summary>Two servers on one database: what the first has done is all that the second knows of it.</summary>
public sealed class RefreshOnTwoServersTests : AuthTest
{
    private const int Rounds = 200;
    private const int Refreshes = 50;
    private const int Together = 20;

    private static readonly ServerSetup Setup = new() { SigningKeys = LocalSupabaseServer.NewSigningKey(), Issuer = "https://project.example/auth/v1" };

    private LocalSupabaseServer _other = null!;

    [OneTimeSetUp]
    public async Task StartOtherAsync() => _other = await StartAsync();

    [OneTimeTearDown]
    public async Task StopOtherAsync() => await _other.DisposeAsync();

    internal override Task<LocalSupabaseServer> StartAsync() =>
        LocalSupabaseServer.StartAsync(auth: new AuthOptions { AllowAnonymous = true }, setup: Setup);

    [Test]
    public async Task Fifty_refreshes_of_one_token_at_once_give_one_child_in_every_round()
    {
        var session = await BeginAsync();
        for (var round = 0; round < Rounds; round++)
        {
            var token = RefreshToken(session);

            var answers = await Task.WhenAll(Enumerable.Range(0, Refreshes).Select(index => RefreshedOnAsync(index % 2 == 0, token)));

            Assert.That(answers.Select(RefreshToken).Distinct().ToList(), Has.Count.EqualTo(1), $"round {round}");
            Assert.That(answers.Select(AccessToken), Has.None.Null);
            session = answers[0];
        }

        Assert.That(await ChildrenAsync(session), Is.EqualTo(Rounds + 1), "one token for the sign-up and one for each round");
    }

    [Test]
    public async Task A_replay_on_either_server_ends_the_session_for_the_thief_and_the_owner()
    {
        for (var round = 0; round < Rounds; round += Together)
        {
            var thefts = await Task.WhenAll(Enumerable.Range(round, Together).Select(async index =>
            {
                var stolen = await BeginAsync();
                var second = await RefreshedOnAsync(first: true, RefreshToken(stolen));
                return (index, stolen, active: await RefreshedOnAsync(first: false, RefreshToken(second)));
            }));
            Pass(TimeSpan.FromSeconds(11));

            var ends = await Task.WhenAll(
                thefts.Select(theft => StealAsync(theft.stolen, theft.active, ownerOnFirst: theft.index % 2 == 0)));

            Assert.That(ends, Is.All.EqualTo((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest, HttpStatusCode.BadRequest, 0)));
        }
    }

    [Test]
    public async Task A_lost_answer_is_given_again_by_the_other_server()
    {
        var session = await BeginAsync();
        for (var round = 0; round < Rounds; round++)
        {
            using var abandoned = new CancellationTokenSource();
            var lost = AbandonAsync(RefreshToken(session), abandoned);

            var again = await RefreshedOnAsync(first: false, RefreshToken(session));
            await lost;
            var once = await RefreshedOnAsync(first: true, RefreshToken(session));

            Assert.That(RefreshToken(once), Is.EqualTo(RefreshToken(again)), $"round {round}");
            session = once;
        }
    }

    [Test]
    public async Task Signing_out_on_one_server_counts_on_the_other_at_once()
    {
        var session = await BeginAsync();
        using var client = Server.Connect(AccessToken(session));
        using var response = await client.PostAsync("/auth/v1/logout", null);
        await ExpectAsync(response, HttpStatusCode.NoContent);

        using var other = _other.Connect(AccessToken(session));
        using var refused = await other.GetAsync("/auth/v1/user");

        await ExpectErrorAsync(refused, 403, "session_not_found");
    }

    /// <summary>A session of somebody new. Without a password, which would cost more than what is tested.</summary>
    private async Task<JsonElement> BeginAsync()
    {
        using var client = Server.Connect();
        using var response = await client.PostAsJsonAsync("/auth/v1/signup", new { });
        return await ExpectAsync(response, HttpStatusCode.OK);
    }

    /// <summary>The thief replays on both servers, then the owner goes on: at once, and not only after the reuse interval.</summary>
    private async Task<(HttpStatusCode, HttpStatusCode, HttpStatusCode Owner, long Living)> StealAsync(
        JsonElement stolen, JsonElement active, bool ownerOnFirst)
    {
        var thief = await Task.WhenAll(
            StatusOnAsync(first: true, RefreshToken(stolen)), StatusOnAsync(first: false, RefreshToken(stolen)));
        return (thief[0], thief[1], await StatusOnAsync(ownerOnFirst, RefreshToken(active)), await LivingAsync(active));
    }

    private async Task AbandonAsync(string token, CancellationTokenSource abandoned)
    {
        using var client = Server.Connect();
        var request = client.PostAsJsonAsync("/auth/v1/token?grant_type=refresh_token", new { refresh_token = token }, abandoned.Token);
        abandoned.CancelAfter(TimeSpan.FromMilliseconds(Random.Shared.Next(1, 12)));
        try
        {
            (await request).Dispose();
        }
        catch (OperationCanceledException)
        {
            // The client is gone; whether the server got as far as rotating is what the rounds vary.
        }
    }

    private void Pass(TimeSpan time)
    {
        Server.Clock.Advance(time);
        _other.Clock.Advance(time);
    }

    private async Task<JsonElement> RefreshedOnAsync(bool first, string token)
    {
        using var response = await RefreshOnAsync(first, token);
        return await ExpectAsync(response, HttpStatusCode.OK);
    }

    private async Task<HttpStatusCode> StatusOnAsync(bool first, string token)
    {
        using var response = await RefreshOnAsync(first, token);
        return response.StatusCode;
    }

    private async Task<HttpResponseMessage> RefreshOnAsync(bool first, string token)
    {
        using var client = (first ? Server : _other).Connect();
        return await client.PostAsJsonAsync("/auth/v1/token?grant_type=refresh_token", new { refresh_token = token });
    }

    private static Task<long> ChildrenAsync(JsonElement session) => CountAsync("true", session);

    private static Task<long> LivingAsync(JsonElement session) => CountAsync("not revoked", session);

    private static async Task<long> CountAsync(string condition, JsonElement session) => (long)(await SharedPostgres.SqlAsync(
        $"select count(*) from auth.refresh_tokens where session_id = @session and {condition}",
        ("session", Part(AccessToken(session), 1).GetProperty("session_id").GetGuid())))!;
}
