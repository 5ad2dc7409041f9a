using System.Text;
using Microsoft.AspNetCore.Http;

namespace Platform.LocalSupabase.Auth.Users;

/// <summary>Password rules and hashes (bcrypt, cost 10).</summary>
internal static class UserPassword
{
    private const int MinLength = 6;
    private const int MaxBytes = 72;     // what bcrypt reads; the rest would be ignored in silence
    private const int Cost = 10;

    // Compared with when there is no such user, so that the answer takes as long as for a wrong password.
    private static readonly string HashOfNobody = BCrypt.Net.BCrypt.HashPassword(Convert.ToHexString(Guid.CreateVersion7().ToByteArray()), Cost);

    public static void Check(string password)
    {
        if (Encoding.UTF8.GetByteCount(password) > MaxBytes)
        {
            throw AuthException.Validation($"Password cannot be longer than {MaxBytes} characters");
        }

        if (password.Length < MinLength)
        {
            throw new AuthException(
                StatusCodes.Status422UnprocessableEntity, "weak_password", $"Password should be at least {MinLength} characters.", ["length"]);
        }
    }

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
            return BCrypt.Net.BCrypt.Verify(password, hash) && Encoding.UTF8.GetByteCount(password) <= MaxBytes;
        }
        catch (BCrypt.Net.SaltParseException)
        {
            // A hash of another kind, imported from elsewhere: nobody signs in with it.
            return false;
        }
    }
}
