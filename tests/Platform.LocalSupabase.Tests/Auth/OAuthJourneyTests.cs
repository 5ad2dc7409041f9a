using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Auth;

public sealed class OAuthJourneyTests : OAuthTest
{
    [Test]
    public Task The_official_client_signs_in_with_an_account_elsewhere_and_links_one() => NodeJourney.RunAsync("oauth.mjs", Server, ("SITE", Site));

    [Test]
    public async Task The_official_client_leads_the_whole_life_of_a_person()
    {
        await using var server = await StartAsync(autoConfirm: false);

        await NodeJourney.RunAsync("life.mjs", server, ("SITE", Site));
    }
}
