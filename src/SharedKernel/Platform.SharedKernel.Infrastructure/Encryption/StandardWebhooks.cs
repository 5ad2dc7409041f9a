using System.Security.Cryptography;
using System.Text;

namespace Platform.SharedKernel.Infrastructure.Encryption;

/// <summary>
/// Secrets and signatures of Standard Webhooks (specification 1.0.0): the signature is the HMAC-SHA256 over <c>id.timestamp.body</c>, in base64
/// after <c>v1,</c>; a secret is base64 after <c>whsec_</c>.
/// </summary>
public static class StandardWebhooks
{
    /// <summary>What stands before a signature of this kind.</summary>
    public const string Version = "v1,";

    private const string Prefix = "whsec_";
    private const int SecretBytes = 32;

    /// <summary>Makes a secret.</summary>
    /// <returns>256 bits, written as the specification asks.</returns>
    public static string NewSecret() => Prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes));

    /// <summary>The key of a secret.</summary>
    /// <param name="secret">Base64 after <c>whsec_</c>, or any other text, which is then the key itself.</param>
    /// <returns>The key's bytes.</returns>
    public static byte[] KeyOf(string secret)
    {
        ArgumentNullException.ThrowIfNull(secret);
        var bytes = new byte[secret.Length];
        return secret.StartsWith(Prefix, StringComparison.Ordinal) && Convert.TryFromBase64String(secret[Prefix.Length..], bytes, out var length)
            ? bytes[..length]
            : Encoding.UTF8.GetBytes(secret);
    }

    /// <summary>Signs a message.</summary>
    /// <param name="key">The key of the secret.</param>
    /// <param name="id">The message's id, the same at each attempt.</param>
    /// <param name="timestamp">Seconds since 1970, as they stand in the header.</param>
    /// <param name="body">The body as it goes over the wire.</param>
    /// <returns>The signature, without its version.</returns>
    public static string Sign(byte[] key, string id, string timestamp, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hmac.AppendData(Encoding.UTF8.GetBytes($"{id}.{timestamp}."));
        hmac.AppendData(body);
        return Convert.ToBase64String(hmac.GetHashAndReset());
    }
}
