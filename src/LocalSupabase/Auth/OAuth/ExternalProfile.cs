using System.Security.Claims;
using System.Text.Json.Nodes;

namespace Platform.LocalSupabase.Auth.OAuth;

/// <summary>Who somebody is at a provider.</summary>
internal sealed record ExternalProfile(string Provider, string Subject, string? Email, bool EmailVerified, JsonObject Claims)
{
    // Each field that clients read, and where providers put it.
    private static readonly (string Field, string[] Sources)[] Fields =
    [
        ("iss", ["iss"]),
        ("name", ["name", ClaimTypes.Name]),
        ("full_name", ["name", ClaimTypes.Name]),
        ("avatar_url", ["picture", "avatar_url"]),
        ("picture", ["picture", "avatar_url"]),
        ("user_name", ["login", "username", "preferred_username", "nickname"]),
        ("preferred_username", ["preferred_username", "login", "username"]),
    ];

    private static readonly string[] VerifiedClaims = ["email_verified", "verified_email", "verified", "xms_edov"];

    /// <summary>Null when the provider did not say who it is.</summary>
    public static ExternalProfile? Of(string provider, ClaimsIdentity identity)
    {
        var subject = First(identity, "sub", ClaimTypes.NameIdentifier, "id");
        if (string.IsNullOrEmpty(subject))
        {
            return null;
        }

        var email = First(identity, "email", ClaimTypes.Email)?.ToLowerInvariant();
        var verified = VerifiedClaims.Any(claim => IsTrue(First(identity, claim)));
        return new ExternalProfile(provider, subject, null, false, ClaimsOf(identity)).WithEmail(email, verified);
    }

    /// <summary>The same person with an address that the provider tells elsewhere.</summary>
    public ExternalProfile WithEmail(string? email, bool verified)
    {
        var claims = Claims.DeepClone().AsObject();
        claims["sub"] = Subject;
        claims["provider_id"] = Subject;
        claims["email_verified"] = verified && email is not null;
        claims["phone_verified"] = false;
        if (email is not null)
        {
            claims["email"] = email;
        }

        return this with { Email = email, EmailVerified = verified && email is not null, Claims = claims };
    }

    private static JsonObject ClaimsOf(ClaimsIdentity identity)
    {
        var claims = new JsonObject();
        foreach (var (field, sources) in Fields)
        {
            if (First(identity, sources) is { Length: > 0 } value)
            {
                claims[field] = value;
            }
        }

        return claims;
    }

    private static string? First(ClaimsIdentity identity, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (identity.FindFirst(name) is { } claim)
            {
                return claim.Value;
            }
        }

        return null;
    }

    // Apple says "true", Microsoft "1", others true.
    private static bool IsTrue(string? value) =>
        string.Equals(value, "true", StringComparison.OrdinalIgnoreCase) || value == "1";
}
