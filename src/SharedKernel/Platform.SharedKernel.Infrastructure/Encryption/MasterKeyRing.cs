using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Platform.SharedKernel.Infrastructure.Encryption;

/// <summary>The master keys. The newest wraps new data keys; older ones still unwrap.</summary>
public sealed class MasterKeyRing
{
    private const int KeyBytes = 32;
    private readonly Dictionary<string, byte[]> _keys = [];

    /// <summary>Reads the keys from configuration.</summary>
    /// <param name="options">The keys.</param>
    public MasterKeyRing(IOptions<EncryptionOptions> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        foreach (var entry in options.Value.MasterKeys.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = entry.Split(':', 2);
            var key = new byte[KeyBytes];
            if (parts.Length != 2 || !Convert.TryFromBase64String(parts[1], key, out var written) || written != KeyBytes)
            {
                throw new InvalidOperationException("Encryption:MasterKeys holds an entry that is not id:base64 of 32 bytes.");
            }

            CurrentId = CurrentId.Length == 0 ? parts[0] : CurrentId;
            _keys.Add(parts[0], key);
        }

        if (_keys.Count == 0)
        {
            throw new InvalidOperationException("Encryption:MasterKeys holds no key.");
        }
    }

    /// <summary>The id of the key that wraps.</summary>
    public string CurrentId { get; } = "";

    /// <summary>Whether a key is at hand.</summary>
    /// <param name="id">The key's id.</param>
    /// <returns>Whether it can unwrap.</returns>
    public bool Has(string id) => _keys.ContainsKey(id);

    internal byte[] Key(string id) =>
        _keys.TryGetValue(id, out var key)
            ? key
            : throw new InvalidOperationException($"The master key '{id}' is not configured in Encryption:MasterKeys.");

    /// <summary>A key for another purpose, the same on all nodes (HKDF, RFC 5869, from the oldest key, so that rotation keeps it).</summary>
    /// <param name="purpose">What it is for; another purpose gives an unrelated key.</param>
    /// <returns>32 bytes.</returns>
    public byte[] Derive(string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _keys.Values.Last(), KeyBytes, info: Encoding.UTF8.GetBytes($"platform:{purpose}"));
}
