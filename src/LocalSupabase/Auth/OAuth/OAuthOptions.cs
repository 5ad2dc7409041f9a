namespace Platform.LocalSupabase.Auth.OAuth;

/// <summary>Signing in with accounts elsewhere.</summary>
public sealed class OAuthOptions
{
    /// <summary>Where these settings stand.</summary>
    public const string SectionName = "Auth";

    /// <summary>Whether signed-in users may link and unlink accounts elsewhere.</summary>
    public bool ManualLinking { get; set; }

    /// <summary>
    /// The providers by name, each with `client_id`, `client_secret`, `scopes` and what else it needs; one that has an `issuer` and
    /// no known name is any OpenID Connect server.
    /// </summary>
    public Dictionary<string, Dictionary<string, string>> Providers { get; set; } = new(StringComparer.Ordinal);
}
