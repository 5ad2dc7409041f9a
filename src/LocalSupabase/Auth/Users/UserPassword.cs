using System.Text;
using Platform.LocalSupabase.Auth.Options;

namespace Platform.LocalSupabase.Auth.Users;

/// <summary>Password hashes (bcrypt, cost 10).</summary>
internal static class UserPassword
{
    private const int Cost = 10;

    // Compared with when there is no such user, so that the answer takes as long as for a wrong password.
    private static readonly string HashOfNobody = BCrypt.Net.BCrypt.HashPassword(Convert.ToHexString(Guid.CreateVersion7().ToByteArray()), Cost);

    /// <summary>The rules of a project that sets none.</summary>
    public static void Check(string password) => PasswordRules.Check(password, new AuthOptions());

    public static string Hash(string password) => BCrypt.Net.BCrypt.HashPassword(password, Cost);

    public static bool Verify(string password, string? hash)
    {
        if (string.IsNullOrEmpty(hash))
        {
            BCrypt.Net.BCrypt.Verify(password, HashOfNobody);
            return false;
        }

        try
        {
            return BCrypt.Net.BCrypt.Verify(password, hash) && Encoding.UTF8.GetByteCount(password) <= PasswordRules.MaxBytes;
        }
        catch (BCrypt.Net.SaltParseException)
        {
            // A hash of another kind, imported from elsewhere: nobody signs in with it.
            return false;
        }
    }
}
