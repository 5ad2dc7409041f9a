using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Platform.LocalSupabase.Auth.OAuth;

/// <summary>Whether an identity token whose signature is good was meant for this sign-in.</summary>
internal static class IdTokenChecks
{
    /// <summary>What does not fit, in GoTrue's words; null when all does.</summary>
    /// <param name="token">The token.</param>
    /// <param name="nonce">The nonce that the application chose; the token has its hash.</param>
    /// <param name="accessToken">The access token that came with it, if the application sent one.</param>
    public static string? ProblemOf(JsonWebToken token, string? nonce, string? accessToken) =>
        ProblemOfNonce(Claim(token, "nonce"), nonce) ?? ProblemOfAccessToken(token, accessToken);

    private static string? ProblemOfNonce(string? claimed, string? nonce)
    {
        if (string.IsNullOrEmpty(claimed) != string.IsNullOrEmpty(nonce))
        {
            return "Passed nonce and nonce in id_token should either both exist or not.";
        }

        return string.IsNullOrEmpty(claimed) || AreEqual(claimed, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(nonce!))))
            ? null
            : "Nonces mismatch";
    }

    // OpenID Connect Core 1.0, section 3.1.3.6: the left half of the hash that belongs to the algorithm of the signature.
    private static string? ProblemOfAccessToken(JsonWebToken token, string? accessToken)
    {
        if (string.IsNullOrEmpty(accessToken) || Claim(token, "at_hash") is not { Length: > 0 } claimed)
        {
            return null;
        }

        var bytes = Encoding.ASCII.GetBytes(accessToken);
        var hash = token.Alg[^3..] switch
        {
            "384" => SHA384.HashData(bytes),
            "512" => SHA512.HashData(bytes),
            _ => SHA256.HashData(bytes),
        };
        return AreEqual(claimed, Base64Url.EncodeToString(hash.AsSpan(0, hash.Length / 2)))
            ? null
            : "Access token does not match at_hash in id_token";
    }

    private static string? Claim(JsonWebToken token, string name) => token.TryGetPayloadValue<string>(name, out var value) ? value : null;

    private static bool AreEqual(string one, string other) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), Encoding.UTF8.GetBytes(other));
}
