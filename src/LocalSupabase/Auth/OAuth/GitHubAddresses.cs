using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Platform.LocalSupabase.Auth.OAuth;

/// <summary>GitHub tells addresses, and whether it has verified them, at a place of its own.</summary>
internal sealed class GitHubAddresses(IHttpClientFactory clients)
{
    private static readonly Uri Emails = new("https://api.github.com/user/emails");

    public async Task<ExternalProfile> CompleteAsync(ExternalProfile profile, string? accessToken, CancellationToken cancellationToken)
    {
        if (profile.Provider != "github" || string.IsNullOrEmpty(accessToken))
        {
            return profile;
        }

        using var client = clients.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, Emails);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        request.Headers.UserAgent.ParseAdd("platform-auth");
        request.Headers.Accept.ParseAdd("application/vnd.github+json");
        using var response = await client.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            return profile.WithEmail(null, verified: false);
        }

        var addresses = await response.Content.ReadFromJsonAsync<List<JsonElement>>(cancellationToken) ?? [];
        var primary = addresses.FirstOrDefault(address => address.GetProperty("primary").GetBoolean());
        return primary.ValueKind == JsonValueKind.Object
            ? profile.WithEmail(primary.GetProperty("email").GetString()?.ToLowerInvariant(), primary.GetProperty("verified").GetBoolean())
            : profile.WithEmail(null, verified: false);
    }
}
