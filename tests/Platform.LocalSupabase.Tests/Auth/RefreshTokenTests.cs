using System.Net;
using System.Text.Json;
using Npgsql;

namespace Platform.LocalSupabase.Tests.Auth;

public sealed class RefreshTokenTests : AuthTest
{
    private static readonly TimeSpan PastTheReuseInterval = TimeSpan.FromSeconds(11);

    [Test]
    public async Task Gives_a_new_token_and_keeps_the_session()
    {
        var first = await SignUpAsync();

        var second = await RefreshedAsync(first);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(RefreshToken(second), Is.Not.EqualTo(RefreshToken(first)));
            Assert.That(SessionId(second), Is.EqualTo(SessionId(first)));
            Assert.That(UserId(second), Is.EqualTo(UserId(first)));
        }
    }

    [Test]
    public async Task Gives_the_active_token_again_to_a_client_that_lost_the_answer()
    {
        var first = await SignUpAsync();
        var second = await RefreshedAsync(first);
        Server.Clock.Advance(TimeSpan.FromDays(30));

        var repeated = await RefreshedAsync(first);

        Assert.That(RefreshToken(repeated), Is.EqualTo(RefreshToken(second)));
    }

    [Test]
    public async Task Gives_a_fresh_token_for_an_older_one_within_the_reuse_interval()
    {
        var first = await SignUpAsync();
        var second = await RefreshedAsync(first);
        var third = await RefreshedAsync(second);

        var repeated = await RefreshedAsync(first);

        Assert.That(RefreshToken(repeated), Is.Not.AnyOf(RefreshToken(first), RefreshToken(second), RefreshToken(third)));
    }

    [Test]
    public async Task Ends_the_whole_session_when_an_old_token_is_used_again()
    {
        var first = await SignUpAsync();
        var second = await RefreshedAsync(first);
        var third = await RefreshedAsync(second);
        Server.Clock.Advance(PastTheReuseInterval);

        using var reused = await RefreshAsync(RefreshToken(first));
        await ExpectErrorAsync(reused, 400, "refresh_token_already_used", "Invalid Refresh Token: Already Used");

        // The thief's or the owner's newer token has ended too: the revocation was committed although the request failed.
        Assert.That(
            await SharedPostgres.SqlAsync(
                "select bool_and(revoked) from auth.refresh_tokens where session_id = @session", ("session", SessionId(third))),
            Is.True);
        Server.Clock.Advance(PastTheReuseInterval);
        using var active = await RefreshAsync(RefreshToken(third));
        await ExpectErrorAsync(active, 400, "refresh_token_already_used");
    }

    [Test]
    public async Task Does_not_stretch_the_reuse_interval_by_reuse()
    {
        var first = await SignUpAsync();
        await RefreshedAsync(await RefreshedAsync(first));
        Server.Clock.Advance(TimeSpan.FromSeconds(6));
        var fresh = await RefreshedAsync(first);
        await RefreshedAsync(fresh);     // else the first token would be the parent of the active one
        Server.Clock.Advance(TimeSpan.FromSeconds(6));

        using var reused = await RefreshAsync(RefreshToken(first));

        await ExpectErrorAsync(reused, 400, "refresh_token_already_used");
    }

    [TestCase("short", "validation_failed", "Refresh token is not valid")]
    [TestCase("UPPERCASE123", "validation_failed", "Refresh token is not valid")]
    [TestCase("longer-than-any-token-of-ours", "validation_failed", "Refresh token is not valid")]
    [TestCase("abcdefghijkl", "refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found")]
    public async Task Refuses_what_is_no_token(string token, string code, string message)
    {
        using var response = await RefreshAsync(token);

        await ExpectErrorAsync(response, 400, code, message);
    }

    [Test]
    public async Task Refuses_a_banned_user()
    {
        var session = await SignUpAsync();
        await SharedPostgres.SqlAsync("update auth.users set banned_until = '2999-01-01' where id = @id", ("id", UserId(session)));

        using var response = await RefreshAsync(RefreshToken(session));

        await ExpectErrorAsync(response, 400, "user_banned", "Invalid Refresh Token: User Banned");
    }

    [Test]
    public async Task Refuses_a_session_past_its_time_box()
    {
        var session = await SignUpAsync();
        await SharedPostgres.SqlAsync("update auth.sessions set not_after = '2000-01-01' where id = @id", ("id", SessionId(session)));

        using var response = await RefreshAsync(RefreshToken(session));

        await ExpectErrorAsync(response, 400, "session_expired");
    }

    [Test]
    public async Task Answers_every_one_of_many_refreshes_at_once_and_leaves_one_line_of_tokens()
    {
        var first = await SignUpAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => RefreshedAsync(first)));

        // The first one through rotates; the others hold the parent of the active token and are given that.
        Assert.That(answers.Select(RefreshToken).Distinct().Count(), Is.EqualTo(1));
    }

    [Test]
    public async Task Gives_up_on_a_session_that_stays_locked()
    {
        var session = await SignUpAsync();
        await using var connection = new NpgsqlConnection(SharedPostgres.ConnectionStringOf("supabase_admin"));
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var locking = new NpgsqlCommand($"select 1 from auth.sessions where id = '{SessionId(session)}' for update", connection);
        await locking.ExecuteNonQueryAsync();

        using var response = await RefreshAsync(RefreshToken(session));

        await ExpectErrorAsync(response, 409, "conflict");
    }

    private async Task<JsonElement> RefreshedAsync(JsonElement session)
    {
        using var response = await RefreshAsync(RefreshToken(session));
        return await ExpectAsync(response, HttpStatusCode.OK);
    }

    private static Guid SessionId(JsonElement session) => Part(AccessToken(session), 1).GetProperty("session_id").GetGuid();
}
