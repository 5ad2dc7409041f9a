using Platform.LocalSupabase.Auth.Options;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Auth;

public sealed class MailJourneyTests
{
    [Test]
    public async Task The_official_client_confirms_recovers_exchanges_codes_and_changes_addresses()
    {
        await using var server = await LocalSupabaseServer.StartAsync(
            auth: new AuthOptions
            {
                AutoConfirm = false,
                AllowAnonymous = true,
                RateLimits = new RateLimitOptions { MailIntervalSeconds = 4 },
            });

        await NodeJourney.RunAsync("mail.mjs", server);
    }
}
