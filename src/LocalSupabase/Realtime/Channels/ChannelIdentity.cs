using Platform.LocalSupabase.Tokens;

namespace Platform.LocalSupabase.Realtime.Channels;

/// <summary>Who a channel acts as: a verified token. Subscribers with equal role and claims share every check in the database.</summary>
internal sealed record ChannelIdentity(string Token, string Role, string Claims, string? Subject, string? SessionId, DateTimeOffset ExpiresAt);

/// <summary>Either an identity or why there is none, in the words that clients know.</summary>
internal sealed record IdentityResult(ChannelIdentity? Identity, string? Refusal);

/// <summary>Turns tokens and API keys into identities.</summary>
internal sealed class ChannelIdentities(LocalSupabaseOptions options, TokenVerifier verifier, TimeProvider clock)
{
    private const string MissingClaims = "InvalidJWTToken: Fields `role` and `exp` are required in JWT";

    public async Task<IdentityResult> ResolveAsync(string token)
    {
        if (token == options.AnonKey && token.StartsWith("sb_", StringComparison.Ordinal))
        {
            return OfKey(token, "anon");
        }

        if (token == options.ServiceRoleKey && token.StartsWith("sb_", StringComparison.Ordinal))
        {
            return OfKey(token, "service_role");
        }

        var verification = await verifier.VerifyAsync(token);
        if (verification.Claims is not { } claims)
        {
            return new IdentityResult(null, verification.Fault switch
            {
                TokenFault.Malformed => "MalformedJWT: The token provided is not a valid JWT",
                TokenFault.Expired => "InvalidJWTToken: Token has expired",
                TokenFault.NotYetValid => "InvalidJWTToken: Token is not valid yet",
                _ => "JwtSignatureError: Failed to validate JWT signature",
            });
        }

        // Never a role by an unknown name: it would be set on a connection.
        return claims.Role is "anon" or "authenticated" or "service_role" && claims.Seconds("exp") is { } expires
            ? new IdentityResult(
                new ChannelIdentity(
                    token, claims.Role, claims.Json, claims.Subject, claims.SessionId, DateTimeOffset.UnixEpoch.AddSeconds(expires)),
                null)
            : new IdentityResult(null, MissingClaims);
    }

    public string ExpiryText(ChannelIdentity identity) =>
        $"Token has expired {(long)(clock.GetUtcNow() - identity.ExpiresAt).TotalSeconds} seconds ago";

    private static IdentityResult OfKey(string key, string role) =>
        new(new ChannelIdentity(key, role, $$"""{"role":"{{role}}"}""", null, null, DateTimeOffset.MaxValue), null);
}
