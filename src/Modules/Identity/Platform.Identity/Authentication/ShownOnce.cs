using System.Security.Cryptography;
using System.Text;
using Platform.SharedKernel.Infrastructure.Encryption;

namespace Platform.Identity.Authentication;

/// <summary>
/// Seals what an answer shows once. Answers are kept for a repeated Idempotency-Key; a sealed one can be given again, yet no secret stands
/// in the database.
/// </summary>
internal sealed class ShownOnce(MasterKeyRing masterKeys)
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private readonly byte[] _key = masterKeys.Derive("shown-once");

    public string Seal(string text)
    {
        var plaintext = Encoding.UTF8.GetBytes(text);
        var sealedText = new byte[NonceBytes + plaintext.Length + TagBytes];
        RandomNumberGenerator.Fill(sealedText.AsSpan(0, NonceBytes));
        using var aes = new AesGcm(_key, TagBytes);
        var (ciphertext, tag) = (sealedText.AsMemory(NonceBytes, plaintext.Length), sealedText.AsMemory(NonceBytes + plaintext.Length));
        aes.Encrypt(sealedText.AsSpan(0, NonceBytes), plaintext, ciphertext.Span, tag.Span);
        return Convert.ToBase64String(sealedText);
    }

    public string Open(string sealedText)
    {
        var bytes = Convert.FromBase64String(sealedText);
        var plaintext = new byte[bytes.Length - NonceBytes - TagBytes];
        using var aes = new AesGcm(_key, TagBytes);
        aes.Decrypt(bytes.AsSpan(0, NonceBytes), bytes.AsSpan(NonceBytes, plaintext.Length), bytes.AsSpan(NonceBytes + plaintext.Length), plaintext);
        return Encoding.UTF8.GetString(plaintext);
    }
}
