using System.Net;
using System.Text.Json;
using Platform.LocalSupabase.Auth.Options;
using Platform.LocalSupabase.Auth.Sessions;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Auth;

public sealed class SweepAuthTests : MailTest
{
    internal override Task<LocalSupabaseServer> StartAsync() => LocalSupabaseServer.StartAsync(
        auth: new AuthOptions { AutoConfirm = true, SecureEmailChange = false },
        setup: new ServerSetup { Sessions = new AuthSessionOptions { InactivityTimeout = TimeSpan.FromDays(60) } });

    [Test]
    public async Task Forgets_replaced_refresh_tokens_but_not_the_last_one_before_the_active_one()
    {
        var first = await SignUpAsync();
        var second = await RefreshedAsync(first);
        await RefreshedAsync(second);
        Server.Clock.Advance(TimeSpan.FromDays(31));

        await Server.SweepAuthAsync();

        using var forgotten = await RefreshAsync(RefreshToken(first));
        await ExpectErrorAsync(forgotten, 400, "refresh_token_not_found");
        await RefreshedAsync(second);
    }

    [Test]
    public async Task Forgets_sessions_a_day_after_they_ended()
    {
        var session = await SignUpAsync();
        Server.Clock.Advance(TimeSpan.FromDays(60.5));
        await Server.SweepAuthAsync();
        using var ended = await RefreshAsync(RefreshToken(session));

        Server.Clock.Advance(TimeSpan.FromDays(1));
        await Server.SweepAuthAsync();

        using var forgotten = await RefreshAsync(RefreshToken(session));
        await ExpectErrorAsync(ended, 400, "session_expired");
        await ExpectErrorAsync(forgotten, 400, "refresh_token_not_found");
    }

    [Test]
    public async Task Forgets_codes_and_flows_that_are_too_late()
    {
        var user = Email(await SignUpAsync());
        await ExpectOkAsync("recover", new { email = user, code_challenge = new string('a', 43), code_challenge_method = "s256" });
        Assert.That(await CountAsync(user), Is.EqualTo((1, 1)));

        Server.Clock.Advance(TimeSpan.FromHours(2));
        await Server.SweepAuthAsync();
        var afterTwoHours = await CountAsync(user);
        Server.Clock.Advance(TimeSpan.FromDays(2));
        await Server.SweepAuthAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(afterTwoHours, Is.EqualTo((0, 1)));
            Assert.That(await CountAsync(user), Is.EqualTo((0, 0)));
        }
    }

    private async Task<JsonElement> RefreshedAsync(JsonElement session)
    {
        using var response = await RefreshAsync(RefreshToken(session));
        return await ExpectAsync(response, HttpStatusCode.OK);
    }

    private static async Task<(long Tokens, long Flows)> CountAsync(string email) => (
        (long)(await SharedPostgres.SqlAsync("select count(*) from auth.one_time_tokens where relates_to = @email", ("email", email)))!,
        (long)(await SharedPostgres.SqlAsync(
            "select count(*) from auth.flow_state f join auth.users u on u.id = f.user_id where u.email = @email", ("email", email)))!);
}
