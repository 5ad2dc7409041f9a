using System.Text;
using Org.BouncyCastle.Crypto.Digests;

namespace Platform.LocalSupabase.Auth.OneTime;

/// <summary>What a one-time token is for. A user has at most one of each.</summary>
internal enum TokenKind
{
    Confirmation,
    Recovery,
    EmailChangeCurrent,
    EmailChangeNew,
    PhoneChange,
    Reauthentication,
}

/// <summary>A stored token: whose it is, what for and the address that it was sent to. The code itself is never stored.</summary>
internal sealed record OneTimeToken(Guid UserId, TokenKind Kind, string Hash, string Address)
{
    /// <summary>Marks the hash of a token whose link ends in a code for the application instead of a session.</summary>
    public const string PkcePrefix = "pkce_";

    public bool IsPkce => Hash.StartsWith(PkcePrefix, StringComparison.Ordinal);

    /// <summary>The hash of a code: hex SHA-224 of the address and the code.</summary>
    public static string HashOf(string address, string code)
    {
        var digest = new Sha224Digest();
        var bytes = Encoding.UTF8.GetBytes(address + code);
        digest.BlockUpdate(bytes, 0, bytes.Length);
        var hash = new byte[digest.GetDigestSize()];
        digest.DoFinal(hash, 0);
        return Convert.ToHexStringLower(hash);
    }
}
