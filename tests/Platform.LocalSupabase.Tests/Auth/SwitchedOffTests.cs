using System.Net.Http.Json;

namespace Platform.LocalSupabase.Tests.Auth;

public sealed class SwitchedOffTests : AuthTest
{
    [TestCase("sso", 404, "saml_provider_disabled")]
    [TestCase("admin/sso/providers", 404, "saml_provider_disabled")]
    [TestCase("admin/oauth/clients", 404, "feature_disabled")]
    [TestCase("passkeys/registration/options", 404, "passkey_disabled")]
    [TestCase("token?grant_type=web3", 422, "web3_provider_disabled")]
    public async Task Says_so_in_the_words_that_clients_know(string path, int status, string code)
    {
        using var client = Server.Connect(Server.ServiceRoleKey);

        using var response = await client.PostAsJsonAsync($"/auth/v1/{path}", new { });

        await ExpectErrorAsync(response, status, code);
    }
}
