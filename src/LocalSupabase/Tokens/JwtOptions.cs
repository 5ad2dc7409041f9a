namespace Platform.LocalSupabase.Tokens;

/// <summary>The keys of access tokens.</summary>
public sealed class JwtOptions
{
    /// <summary>Where these settings stand.</summary>
    public const string SectionName = "Auth:Jwt";

    /// <summary>
    /// JSON Web Keys (ES256, RS256 or HS256), one with `sign` in its `key_ops`; the others verify what they signed earlier. If left
    /// out, a key of the data directory signs.
    /// </summary>
    public string? Keys { get; set; }
}
