using System.Security.Cryptography;
using System.Text.Json;

namespace Platform.Connectors.Types.Http.OAuth;

/// <summary>The authorization code grant (RFC 6749, section 4.1) as a connector's config describes it.</summary>
/// <param name="AuthorizationUrl">Where a person says yes.</param>
/// <param name="TokenUrl">Where a code, or a refresh token, becomes an access token.</param>
/// <param name="ClientId">The client that the provider knows.</param>
/// <param name="Scopes">What is asked for.</param>
/// <param name="Parameters">What the provider wants besides, in the authorization request.</param>
/// <param name="Issuer">What the provider calls itself (RFC 9207); null takes the host of the authorization address for it.</param>
/// <param name="UsesBasic">Whether the client's secret goes in the header, and not in the form.</param>
internal sealed record OAuthConfig(
    string AuthorizationUrl,
    string TokenUrl,
    string ClientId,
    IReadOnlyList<string> Scopes,
    IReadOnlyDictionary<string, string> Parameters,
    string? Issuer,
    bool UsesBasic)
{
    public const string Kind = "oauth2_authorization_code";

    /// <summary>The credential that a confidential client has.</summary>
    public const string Secret = "client_secret";

    /// <summary>A name for who grants what to whom: a code or a grant of another one is not used.</summary>
    public string Key => Convert.ToHexStringLower(SHA256.HashData(
        JsonSerializer.SerializeToUtf8Bytes(new[] { AuthorizationUrl, TokenUrl, ClientId })));

    /// <summary>What a config says; null where it means another kind of authentication, or leaves out what this one needs.</summary>
    public static OAuthConfig? From(JsonElement config)
    {
        var (kind, section) = HttpSource.Section(config, "auth");
        return kind == Kind
            && HttpSource.Text(section, "authorization_url") is { } authorizationUrl
            && HttpSource.Text(section, "token_url") is { } tokenUrl
            && HttpSource.Text(section, "client_id") is { } clientId
            ? new OAuthConfig(
                authorizationUrl,
                tokenUrl,
                clientId,
                ScopesOf(section),
                ParametersOf(section),
                HttpSource.Text(section, "issuer"),
                HttpSource.Text(section, "client_authentication") == "client_secret_basic")
            : null;
    }

    private static List<string> ScopesOf(JsonElement section) =>
        section.TryGetProperty("scopes", out var scopes) ? [.. scopes.EnumerateArray().Select(scope => scope.GetString()!)] : [];

    private static Dictionary<string, string> ParametersOf(JsonElement section) =>
        section.TryGetProperty("parameters", out var parameters)
            ? parameters.EnumerateObject().ToDictionary(member => member.Name, member => member.Value.GetString()!, StringComparer.Ordinal)
            : [];
}
