using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Platform.Connectors.Features.OAuth;
using Platform.Connectors.Jobs;
using Platform.Connectors.Tests.Sources;
using Platform.Connectors.Types;
using Platform.Connectors.Types.Http.OAuth;

namespace Platform.Connectors.Tests.Features;

/// <summary>Tokens are renewed ahead of their end, by one node at a time, and no lost answer costs the grant.</summary>
public sealed class RenewGrantTests : OAuthTest
{
    private const string Rows = """[[1,1.5],[2,3]]""";
    private string _path = null!;

    [SetUp]
    public async Task AuthorizeAsync()
    {
        _path = await ConnectAsync(Alice);
        await AuthorizeAsync(Alice, _path);
        Provider.Asked.Clear();
    }

    [Test]
    public async Task A_token_that_has_ended_is_renewed_and_so_is_its_renewal()
    {
        await EndAsync();
        Assert.That(await QueryAsync(Alice, _path), Is.EqualTo(Rows));
        for (var round = 2; round <= 4; round++)
        {
            await EndAsync();

            Assert.That(await ServedAsync(), Is.True);
            Assert.That(Provider.Asked, Has.Count.EqualTo(round));
        }

        Assert.That(Provider.IsRevoked, Is.False, "each refresh token was used once");
        Assert.That(await StatusAsync(Alice, _path), Is.EqualTo("authorized"));
    }

    [Test]
    public async Task A_token_is_renewed_in_the_last_fifth_of_its_life_while_it_serves()
    {
        await AgeAsync(minutes: 50);
        Provider.TokenDelay = TimeSpan.FromSeconds(1);
        var (settings, config) = Settings();

        var served = await Node().GetAsync(settings, config, default);

        Assert.That(served, Is.EqualTo(Provider.Given.First()), "nobody waits for it");
        await EventuallyAsync(async () => await VersionAsync() == 2);
        Assert.That(Provider.Asked, Is.EqualTo(["refresh_token"]));
    }

    [Test]
    public async Task Many_nodes_at_once_renew_once()
    {
        await EndAsync();
        Provider.TokenDelay = TimeSpan.FromMilliseconds(500);
        Provider.Leeway = TimeSpan.Zero;
        var (settings, config) = Settings();
        var nodes = Enumerable.Range(0, 6).Select(_ => Node()).ToList();

        var tokens = await Task.WhenAll(
            nodes.SelectMany(node => Enumerable.Range(0, 4).Select(_ => node.GetAsync(settings, config, default))));

        Assert.That(tokens.Distinct().Single(), Is.EqualTo(Provider.Given.ElementAt(2)));
        Assert.That(Provider.Asked, Is.EqualTo(["refresh_token"]));
        Assert.That(Provider.MostAtOnce, Is.EqualTo(1));
        Assert.That(Provider.IsRevoked, Is.False);
    }

    [Test]
    public async Task An_answer_that_is_lost_does_not_lose_the_grant()
    {
        await EndAsync();
        Provider.LosesAnswers = 1;

        var rows = await QueryAsync(Alice, _path);

        Assert.That(rows, Is.EqualTo(Rows));
        Assert.That(Provider.Asked, Has.Count.EqualTo(2));
        await EndAsync();
        Assert.That(await ServedAsync(), Is.True);
    }

    [Test]
    public async Task A_node_that_dies_while_it_renews_is_followed_by_another()
    {
        await EndAsync();
        await ExecuteAsync("update connectors.oauth_grants set fence = 7, lease_until = now() + interval '1 second'");

        Assert.That(await QueryAsync(Alice, _path), Is.EqualTo(Rows));
        Assert.That(Provider.Asked, Is.EqualTo(["refresh_token"]));
    }

    [Test]
    public async Task A_token_address_that_is_down_costs_a_query_and_not_the_grant()
    {
        await EndAsync();
        Provider.Failures = 3;

        var failed = await QueryAsync(Alice, _path);
        var later = await QueryAsync(Alice, _path);

        Assert.That((failed, later), Is.EqualTo(("connection_refused", Rows)));
        Assert.That(await StatusAsync(Alice, _path), Is.EqualTo("authorized"));
    }

    [Test]
    public async Task A_client_that_is_refused_loses_nothing_that_was_granted()
    {
        await EndAsync();
        Provider.IsConfidential = true;
        var refused = await QueryAsync(Alice, _path);

        using var patched = await Alice.Client.PatchAsJsonAsync(
            _path, new { credentials = new { client_secret = OAuthProvider.ClientSecret } });

        Assert.That(refused, Is.EqualTo("authentication_failed"));
        Assert.That(await QueryAsync(Alice, _path), Is.EqualTo(Rows));
    }

    [Test]
    public async Task A_grant_that_is_taken_back_shows_in_the_health_until_somebody_authorizes_again()
    {
        Provider.IsRevoked = true;
        await EndAsync();

        var refused = await QueryAsync(Alice, _path);
        var (lost, lostCode) = await HealthAsync();
        var asked = Provider.Asked.Count;
        var again = await QueryAsync(Alice, _path);
        await CheckAsync();
        var checkedHealth = await HealthAsync();
        Provider.IsRevoked = false;
        await AuthorizeAsync(Alice, _path);

        Assert.That((refused, again), Is.EqualTo(("authorization_required", "authorization_required")));
        Assert.That((lost, lostCode), Is.EqualTo(("error", "authorization_required")));
        Assert.That(checkedHealth, Is.EqualTo(("error", "authorization_required")));
        Assert.That(asked, Is.EqualTo(1), "a grant that is gone is not asked for again");
        Assert.That(await QueryAsync(Alice, _path), Is.EqualTo(Rows));
        Assert.That(await HealthAsync(), Is.EqualTo(("pending", (string?)null)));
        await PostAsync(Alice.Client, $"{_path}/test", new { }, HttpStatusCode.OK);
        Assert.That(await HealthAsync(), Is.EqualTo(("active", (string?)null)));
        const string Losses = "select count(*) from connectors.connector_events where type = 'authorization_lost'";
        Assert.That(await Application.ScalarAsync<long>(Losses), Is.EqualTo(1));
    }

    [Test]
    public async Task A_token_that_the_source_refuses_is_renewed_before_its_end()
    {
        await AgeAsync(minutes: 10);
        Provider.Accepted.Clear();

        Assert.That(await QueryAsync(Alice, _path), Is.EqualTo(Rows));
        Assert.That(Provider.Asked, Is.EqualTo(["refresh_token"]));

        Provider.Accepted.Clear();
        Assert.That(await QueryAsync(Alice, _path), Is.EqualTo("authentication_failed"));
        Assert.That(Provider.Asked, Has.Count.EqualTo(1), "a token that is new is not renewed for a source that takes none");
    }

    [Test]
    public async Task Another_config_does_not_use_what_was_granted_for_this_one()
    {
        using var moved = await Alice.Client.PatchAsJsonAsync(
            _path, new { config = new { auth = new { client_id = "another" } } });

        Assert.That(await QueryAsync(Alice, _path), Is.EqualTo("authorization_required"));
        Assert.That(await StatusAsync(Alice, _path), Is.EqualTo("required"));

        using var back = await Alice.Client.PatchAsJsonAsync(
            _path, new { config = new { auth = new { client_id = OAuthProvider.ClientId } } });
        Assert.That(await QueryAsync(Alice, _path), Is.EqualTo(Rows));
    }

    private static Task EndAsync() => AgeAsync(minutes: 120);

    /// <summary>Makes the token as old as that; it lives an hour.</summary>
    private static Task AgeAsync(int minutes) => ExecuteAsync(
        $"""
        update connectors.oauth_grants set
          issued_at = now() - interval '{minutes} minutes', expires_at = now() + interval '{60 - minutes} minutes'
        """);

    /// <summary>Whether a node that knows nothing yet gets a token that the API takes.</summary>
    private async Task<bool> ServedAsync()
    {
        var (settings, config) = Settings();
        return Provider.Accepted.ContainsKey(await Node().GetAsync(settings, config, default));
    }

    private static OAuthGrants Node() => new(
        new GrantRenewal(
            Application.Services.GetRequiredService<IServiceScopeFactory>(), Application.Services.GetRequiredService<OAuthTokenClient>(),
            TimeProvider.System, NullLogger<GrantRenewal>.Instance),
        TimeProvider.System, NullLogger<OAuthGrants>.Instance);

    private (ConnectorSettings Settings, OAuthConfig Config) Settings()
    {
        var config = JsonSerializer.SerializeToElement(new
        {
            url = $"{Provider.Url}/orders",
            auth = new
            {
                type = OAuthConfig.Kind,
                authorization_url = $"{Provider.Url}/connect/authorize?fixed=1",
                token_url = $"{Provider.Url}/connect/token",
                client_id = OAuthProvider.ClientId,
            },
        });
        var id = Guid.Parse(_path.Split('/')[^1]);
        return (new ConnectorSettings(Alice.Id, id, config, new Dictionary<string, string>()), OAuthConfig.From(config)!);
    }

    private static Task<long> VersionAsync() => Application.ScalarAsync<long>("select version from connectors.oauth_grants");

    private async Task<(string Status, string? Code)> HealthAsync()
    {
        using var response = await Alice.Client.GetAsync($"{_path}/health");
        var health = await ExpectJsonAsync(response);
        return (health.GetProperty("status").GetString()!, health.GetProperty("status_code").GetString());
    }

    private static async Task CheckAsync()
    {
        await using var scope = Application.Services.CreateAsyncScope();
        var job = scope.ServiceProvider.GetRequiredService<CheckHealthJob>();
        await job.RunAsync(default);
        await ExecuteAsync("update connectors.connector_health set next_check_at = now()");
        await job.RunAsync(default);
    }
}
