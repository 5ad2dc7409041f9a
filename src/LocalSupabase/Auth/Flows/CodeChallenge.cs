using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.IdentityModel.Tokens;

namespace Platform.LocalSupabase.Auth.Flows;

/// <summary>The client's half of PKCE: what it shows now, so that only itself can fetch the answer later.</summary>
internal sealed partial record CodeChallenge(string Challenge, string Method)
{
    /// <summary>Null when the client asks for no PKCE.</summary>
    public static CodeChallenge? Of(string? challenge, string? method)
    {
        if (string.IsNullOrEmpty(challenge) && string.IsNullOrEmpty(method))
        {
            return null;
        }

        if (string.IsNullOrEmpty(challenge) || string.IsNullOrEmpty(method))
        {
            throw AuthException.Validation("PKCE flow requires code_challenge_method and code_challenge");
        }

        if (!Shape().IsMatch(challenge))
        {
            throw AuthException.Validation("code challenge has to be between 43 and 128 characters of A-Z, a-z, 0-9, '.', '-', '_' and '~'");
        }

        var known = method.ToLowerInvariant();
        return known is "s256" or "plain"
            ? new CodeChallenge(challenge, known)
            : throw AuthException.Validation($"code challenge method '{known}' not supported");
    }

    public bool IsAnsweredBy(string verifier)
    {
        var answer = Method == "s256" ? Base64UrlEncoder.Encode(SHA256.HashData(Encoding.UTF8.GetBytes(verifier))) : verifier;
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(answer), Encoding.UTF8.GetBytes(Challenge));
    }

    [GeneratedRegex(@"\A[A-Za-z0-9._~-]{43,128}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Shape();
}
