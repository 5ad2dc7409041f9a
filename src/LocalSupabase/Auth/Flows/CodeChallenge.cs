using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Platform.LocalSupabase.Auth.Flows;

/// <summary>What an application sends ahead, so that nobody but itself can turn the code it gets into a session (PKCE).</summary>
internal sealed partial record CodeChallenge(string Challenge, string Method)
{
    private const string S256 = "s256";
    private const string Plain = "plain";

    /// <summary>The challenge of a request; null when the application asks for no PKCE.</summary>
    public static CodeChallenge? Parse(string? challenge, string? method)
    {
        if (string.IsNullOrEmpty(challenge) && string.IsNullOrEmpty(method))
        {
            return null;
        }

        if (string.IsNullOrEmpty(challenge) || string.IsNullOrEmpty(method))
        {
            throw AuthException.Validation("PKCE flow requires code_challenge_method and code_challenge");
        }

        var known = method.ToLowerInvariant();
        if (known is not (S256 or Plain))
        {
            throw AuthException.Validation("unsupported code_challenge method: the method must be s256 or plain");
        }

        return Pattern().IsMatch(challenge)
            ? new CodeChallenge(challenge, known)
            : throw AuthException.Validation(challenge.Length is >= 43 and <= 128
                ? "code challenge can only contain alphanumeric characters, hyphens, periods, underscores and tildes"
                : "code challenge has to be between 43 and 128 characters");
    }

    public bool IsMetBy(string verifier)
    {
        var expected = Method == S256 ? Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(verifier))) : verifier;
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(Challenge));
    }

    [GeneratedRegex(@"^[A-Za-z0-9._~-]{43,128}\z", RegexOptions.NonBacktracking)]
    private static partial Regex Pattern();
}
