using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Platform.LocalSupabase.Tokens;

internal enum TokenFault
{
    Malformed,
    Signature,
    NotYetValid,
    Expired,
}

/// <summary>Either the claims or what is wrong. Each service words the fault its own way.</summary>
internal sealed record TokenVerification(TokenClaims? Claims, TokenFault? Fault);

/// <summary>Checks signature and times, nothing else: who the token is for is the service's question.</summary>
internal sealed class TokenVerifier(SigningKeys keys, TimeProvider clock)
{
    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };

    public Task<TokenVerification> VerifyAsync(string token) => VerifyAsync(token, parsed => keys.Find(parsed.Kid, parsed.Alg));

    public Task<TokenVerification> VerifySignedUrlAsync(string token) =>
        VerifyAsync(token, parsed => parsed.Alg == SecurityAlgorithms.HmacSha256 ? keys.SignedUrls : null);

    private async Task<TokenVerification> VerifyAsync(string token, Func<JsonWebToken, SecurityKey?> keyFor)
    {
        JsonWebToken parsed;
        TokenClaims claims;
        try
        {
            parsed = _handler.ReadJsonWebToken(token);
            claims = new TokenClaims(Base64UrlEncoder.Decode(parsed.EncodedPayload));
        }
        catch (Exception exception) when (exception is ArgumentException or SecurityTokenException or FormatException or JsonException)
        {
            return new TokenVerification(null, TokenFault.Malformed);
        }

        // A header that demands what this program does not know must be refused (RFC 7515); no other part of it is believed.
        if (parsed.TryGetHeaderValue<object>("crit", out _) || keyFor(parsed) is not { } key)
        {
            return new TokenVerification(null, TokenFault.Signature);
        }

        var result = await _handler.ValidateTokenAsync(parsed, new TokenValidationParameters
        {
            IssuerSigningKey = key,
            ValidAlgorithms = [parsed.Alg],
            ValidateIssuer = false,
            ValidateAudience = false,
            ValidateLifetime = false,
        });
        return result.IsValid ? CheckTimes(claims) : new TokenVerification(null, TokenFault.Signature);
    }

    private TokenVerification CheckTimes(TokenClaims claims)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
        if (claims.Seconds("exp") <= now)
        {
            return new TokenVerification(null, TokenFault.Expired);
        }

        return claims.Seconds("nbf") > now
            ? new TokenVerification(null, TokenFault.NotYetValid)
            : new TokenVerification(claims, null);
    }
}
