using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Auth;

public sealed class AuthJourneyTests
{
    [TestCase(true, false)]
    [TestCase(false, false)]
    [TestCase(true, true)]
    public async Task The_official_client_signs_up_refreshes_changes_and_signs_out(bool asymmetric, bool opaqueKeys)
    {
        await using var server = await LocalSupabaseServer.StartAsync(asymmetric: asymmetric, opaqueKeys: opaqueKeys);

        await NodeJourney.RunAsync("auth.mjs", server);
    }

    [Test]
    public async Task The_official_client_enrols_a_factor_reaches_the_second_level_and_signs_out_everywhere()
    {
        await using var server = await LocalSupabaseServer.StartAsync();

        await NodeJourney.RunAsync("mfa.mjs", server);
    }

    [Test]
    public async Task The_official_client_administers()
    {
        await using var server = await LocalSupabaseServer.StartAsync();

        await NodeJourney.RunAsync("admin.mjs", server);
    }
}
