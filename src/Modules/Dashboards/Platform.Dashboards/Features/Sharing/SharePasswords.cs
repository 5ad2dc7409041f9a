using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Caching.Memory;

namespace Platform.Dashboards.Features.Sharing;

/// <summary>
/// Passwords of share links: PBKDF2-SHA256, compared in constant time. A right password is remembered for a while, so that a board that is
/// refreshed does not cost a hash each time; another password of the link, or none, is another stored hash and forgets it.
/// </summary>
internal sealed class SharePasswords : IDisposable
{
    private const int Iterations = 210_000;
    private const int SaltBytes = 16;
    private const int HashBytes = 32;
    private const int MaxRemembered = 10_000;
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(10);
    private readonly MemoryCache _known = new(new MemoryCacheOptions { SizeLimit = MaxRemembered });
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(HashBytes);

    /// <summary>A password as it is stored: the iterations, the salt and the hash.</summary>
    public static string Hash(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return $"pbkdf2-sha256${Iterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(Derive(password, salt, Iterations))}";
    }

    /// <summary>Whether the password was found right lately.</summary>
    public bool IsKnown(string password, string stored) => _known.TryGetValue(KeyOf(password, stored), out _);

    /// <summary>Whether the password is right. Takes tens of milliseconds.</summary>
    public bool Verify(string password, string stored)
    {
        var parts = stored.Split('$');
        var expected = Convert.FromBase64String(parts[3]);
        var actual = Derive(password, Convert.FromBase64String(parts[2]), int.Parse(parts[1], CultureInfo.InvariantCulture));
        if (!CryptographicOperations.FixedTimeEquals(actual, expected))
        {
            return false;
        }

        _known.Set(KeyOf(password, stored), true, new MemoryCacheEntryOptions { AbsoluteExpirationRelativeToNow = Remembered, Size = 1 });
        return true;
    }

    public void Dispose() => _known.Dispose();

    private static byte[] Derive(string password, byte[] salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA256, HashBytes);

    private string KeyOf(string password, string stored) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{stored}\n{password}")));
}
