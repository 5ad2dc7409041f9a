using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Platform.Identity.Contracts.Queries;
using Platform.SharedKernel.Infrastructure.Encryption;

namespace Platform.Workflows.Hooks;

/// <summary>The secrets of webhooks: the unguessable part of the address, and what the sender signs with.</summary>
internal static class HookSecrets
{
    /// <summary>A new last part of an address: 256 bits.</summary>
    public static string NewToken() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    /// <summary>What is kept of a token.</summary>
    public static string HashOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    public static JsonElement Seal(EnvelopeCipher cipher, UserDataKey key, Guid triggerId, string secret) =>
        JsonSerializer.SerializeToElement(new { secret = cipher.Encrypt(Wrapped(key), PlaceOf(triggerId), secret) });

    public static string Open(EnvelopeCipher cipher, UserDataKey key, Guid triggerId, JsonElement sealedSecret) =>
        cipher.Decrypt(Wrapped(key), PlaceOf(triggerId), sealedSecret.GetProperty("secret").GetString()!);

    private static WrappedDataKey Wrapped(UserDataKey key) => new(key.UserId, key.MasterKeyId, key.WrappedKey);

    private static string PlaceOf(Guid triggerId) => $"trigger:{triggerId}:secret";
}
