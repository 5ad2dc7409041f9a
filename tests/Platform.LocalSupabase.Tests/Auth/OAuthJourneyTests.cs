using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Auth;

public sealed class OAuthJourneyTests : OAuthTest
{
    [Test]
    public Task The_official_client_signs_in_with_an_account_elsewhere_and_links_one() => NodeJourney.RunAsync("oauth.mjs", Server, ("SITE", Site));
}
