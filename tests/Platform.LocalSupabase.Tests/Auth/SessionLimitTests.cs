using System.Net;
using System.Text.Json;
using Platform.LocalSupabase.Auth.Options;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Auth;

public sealed class SessionLimitTests : AuthTest
{
    internal override Task<LocalSupabaseServer> StartAsync() => LocalSupabaseServer.StartAsync(auth: new AuthOptions
    {
        SessionTimeboxSeconds = 1000,
        SessionInactivitySeconds = 300,
    });

    [Test]
    public async Task A_session_that_is_not_used_ends()
    {
        var session = await SignUpAsync();
        Server.Clock.Advance(TimeSpan.FromSeconds(300));

        using var late = await RefreshAsync(RefreshToken(session));

        await ExpectErrorAsync(late, 400, "session_expired", "Invalid Refresh Token: Session Expired");
    }

    [Test]
    public async Task A_session_that_is_used_ends_at_last()
    {
        var session = await SignUpAsync();
        for (var refresh = 0; refresh < 4; refresh++)
        {
            Server.Clock.Advance(TimeSpan.FromSeconds(200));
            session = await RefreshedAsync(session);
        }

        Server.Clock.Advance(TimeSpan.FromSeconds(200));
        using var late = await RefreshAsync(RefreshToken(session));

        await ExpectErrorAsync(late, 400, "session_expired");
    }

    private async Task<JsonElement> RefreshedAsync(JsonElement session)
    {
        using var response = await RefreshAsync(RefreshToken(session));
        return await ExpectAsync(response, HttpStatusCode.OK);
    }
}
