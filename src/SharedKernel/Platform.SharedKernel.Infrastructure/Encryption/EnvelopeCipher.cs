using System.Security.Cryptography;
using System.Text;
using Platform.SharedKernel.Errors;

namespace Platform.SharedKernel.Infrastructure.Encryption;

/// <summary>A person's data key as it is stored: wrapped by a master key.</summary>
/// <param name="UserId">Whose key it is.</param>
/// <param name="MasterKeyId">The master key that wraps it.</param>
/// <param name="Wrapped">Nonce, ciphertext and tag.</param>
public sealed record WrappedDataKey(Guid UserId, string MasterKeyId, byte[] Wrapped);

/// <summary>
/// Envelope encryption: values under a person's data key, data keys under a master key, both AES-256-GCM (NIST SP 800-38D) with a random
/// 96-bit nonce. A value is bound to its owner and place, so that a ciphertext moved elsewhere does not open.
/// </summary>
/// <param name="masterKeys">The master keys.</param>
public sealed class EnvelopeCipher(MasterKeyRing masterKeys)
{
    /// <summary>A data key can be opened.</summary>
    public const string Usable = "usable";

    /// <summary>The master key of a data key is not configured.</summary>
    public const string Missing = "missing";

    /// <summary>Under the id of a data key's master key another key is configured.</summary>
    public const string Wrong = "wrong";

    private const byte Format = 1;
    private const int KeyBytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    /// <summary>Makes a data key for a person.</summary>
    /// <param name="userId">The person.</param>
    /// <returns>The key, wrapped by the newest master key.</returns>
    public WrappedDataKey CreateDataKey(Guid userId)
    {
        var key = RandomNumberGenerator.GetBytes(KeyBytes);
        var wrapped = Seal(masterKeys.Key(masterKeys.CurrentId), key, KeyContext(userId));
        CryptographicOperations.ZeroMemory(key);
        return new WrappedDataKey(userId, masterKeys.CurrentId, wrapped);
    }

    /// <summary>Encrypts a text.</summary>
    /// <param name="dataKey">The owner's data key.</param>
    /// <param name="place">Where the value stands, for example <c>connector:…:password</c>.</param>
    /// <param name="plaintext">The text.</param>
    /// <returns>The ciphertext in base64.</returns>
    public string Encrypt(WrappedDataKey dataKey, string place, string plaintext)
    {
        ArgumentNullException.ThrowIfNull(dataKey);
        var key = Unwrap(dataKey);
        try
        {
            return Convert.ToBase64String(Seal(key, Encoding.UTF8.GetBytes(plaintext), ValueContext(dataKey.UserId, place)));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>Decrypts a text.</summary>
    /// <param name="dataKey">The owner's data key.</param>
    /// <param name="place">Where the value stands.</param>
    /// <param name="ciphertext">What <see cref="Encrypt"/> gave.</param>
    /// <returns>The text.</returns>
    public string Decrypt(WrappedDataKey dataKey, string place, string ciphertext)
    {
        ArgumentNullException.ThrowIfNull(dataKey);
        var key = Unwrap(dataKey);
        try
        {
            return Encoding.UTF8.GetString(Open(key, Convert.FromBase64String(ciphertext), ValueContext(dataKey.UserId, place)));
        }
        catch (CryptographicException)
        {
            throw new ConflictException("secret_unreadable", "A stored secret cannot be read with its key. Enter it again.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>Whether a data key can be opened with the master keys of this node.</summary>
    /// <param name="dataKey">The data key.</param>
    /// <returns><see cref="Usable"/>, <see cref="Missing"/> or <see cref="Wrong"/>.</returns>
    public string StateOf(WrappedDataKey dataKey)
    {
        ArgumentNullException.ThrowIfNull(dataKey);
        try
        {
            CryptographicOperations.ZeroMemory(Unwrap(dataKey));
            return Usable;
        }
        catch (ConflictException)
        {
            return masterKeys.Has(dataKey.MasterKeyId) ? Wrong : Missing;
        }
    }

    /// <summary>Wraps a data key with the newest master key; what it seals stays as it is.</summary>
    /// <param name="dataKey">The data key, wrapped by any master key that is at hand.</param>
    /// <returns>The same data key, wrapped by the newest one.</returns>
    public WrappedDataKey Rewrap(WrappedDataKey dataKey)
    {
        ArgumentNullException.ThrowIfNull(dataKey);
        var key = Unwrap(dataKey);
        var wrapped = Seal(masterKeys.Key(masterKeys.CurrentId), key, KeyContext(dataKey.UserId));
        CryptographicOperations.ZeroMemory(key);
        return new WrappedDataKey(dataKey.UserId, masterKeys.CurrentId, wrapped);
    }

    private static byte[] KeyContext(Guid userId) => Encoding.UTF8.GetBytes($"platform:data-key:{userId}");

    private static byte[] ValueContext(Guid userId, string place) => Encoding.UTF8.GetBytes($"platform:value:{userId}:{place}");

    private static byte[] Seal(byte[] key, byte[] plaintext, byte[] context)
    {
        var sealedValue = new byte[1 + NonceBytes + plaintext.Length + TagBytes];
        sealedValue[0] = Format;
        var nonce = sealedValue.AsSpan(1, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key, TagBytes);
        aes.Encrypt(
            nonce, plaintext, sealedValue.AsSpan(1 + NonceBytes, plaintext.Length), sealedValue.AsSpan(1 + NonceBytes + plaintext.Length), context);
        return sealedValue;
    }

    private static byte[] Open(byte[] key, byte[] sealedValue, byte[] context)
    {
        if (sealedValue.Length < 1 + NonceBytes + TagBytes || sealedValue[0] != Format)
        {
            throw new CryptographicException("Not a sealed value.");
        }

        var plaintext = new byte[sealedValue.Length - 1 - NonceBytes - TagBytes];
        using var aes = new AesGcm(key, TagBytes);
        aes.Decrypt(
            sealedValue.AsSpan(1, NonceBytes),
            sealedValue.AsSpan(1 + NonceBytes, plaintext.Length),
            sealedValue.AsSpan(1 + NonceBytes + plaintext.Length),
            plaintext,
            context);
        return plaintext;
    }

    private byte[] Unwrap(WrappedDataKey dataKey)
    {
        if (!masterKeys.Has(dataKey.MasterKeyId))
        {
            throw new ConflictException("master_key_missing", $"The master key '{dataKey.MasterKeyId}' is not configured.");
        }

        try
        {
            return Open(masterKeys.Key(dataKey.MasterKeyId), dataKey.Wrapped, KeyContext(dataKey.UserId));
        }
        catch (CryptographicException)
        {
            throw new ConflictException(
                "master_key_wrong", $"The configured master key '{dataKey.MasterKeyId}' is not the one that wraps the secret's key.");
        }
    }
}
