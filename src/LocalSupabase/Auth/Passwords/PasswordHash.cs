using System.Security.Cryptography;
using System.Text;

namespace Platform.LocalSupabase.Auth.Passwords;

/// <summary>
/// Hashes of passwords. New ones are bcrypt, cost 10; those of users who came from elsewhere may be Argon2 or the scrypt of Firebase, in
/// the notation that GoTrue knows.
/// </summary>
internal static class PasswordHash
{
    private const int Cost = 10;
    private const int BcryptLength = 60;

    // Compared with when there is no such user, so that the answer takes as long as for a wrong password.
    private static readonly string HashOfNobody = Make(RandomNumberGenerator.GetHexString(32));

    public static string Make(string password) => BCrypt.Net.BCrypt.HashPassword(password, Cost);

    /// <summary>Whether somebody can sign in with such a hash.</summary>
    public static bool IsKnown(string hash) =>
        IsBcrypt(hash) || Argon2Hash.Parse(hash) is not null || FirebaseScryptHash.Parse(hash) is not null;

    /// <summary>Whether the password is the one of the hash. Nobody signs in without a hash, or with one of an unknown kind.</summary>
    public static bool Verify(string password, string? hash)
    {
        if (hash is not null && IsBcrypt(hash))
        {
            return VerifyBcrypt(password, hash);
        }

        if (hash is not null && Argon2Hash.Parse(hash) is { } argon2)
        {
            return argon2.IsOf(password);
        }

        if (hash is not null && FirebaseScryptHash.Parse(hash) is { } scrypt)
        {
            return scrypt.IsOf(password);
        }

        VerifyBcrypt(password, HashOfNobody);
        return false;
    }

    private static bool IsBcrypt(string hash) => hash.StartsWith("$2", StringComparison.Ordinal) && hash.Length == BcryptLength;

    private static bool VerifyBcrypt(string password, string hash)
    {
        try
        {
            return BCrypt.Net.BCrypt.Verify(password, hash) && Encoding.UTF8.GetByteCount(password) <= PasswordRules.MaxBytes;
        }
        catch (BCrypt.Net.SaltParseException)
        {
            return false;
        }
    }
}
