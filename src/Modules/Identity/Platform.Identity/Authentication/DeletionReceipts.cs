using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Platform.SharedKernel.Infrastructure.Encryption;

namespace Platform.Identity.Authentication;

/// <summary>Proof that an account was deleted, which outlives all that the account had. All nodes derive the key that signs it.</summary>
internal sealed record DeletionReceipt(Guid Id, Guid UserId, DateTimeOffset DeletedAt, string Algorithm, string Signature);

/// <summary>Signs receipts, and knows its own.</summary>
internal sealed class DeletionReceipts(MasterKeyRing masterKeys)
{
    private const string Algorithm = "HMAC-SHA256";
    private readonly byte[] _key = masterKeys.Derive("deletion-receipts");

    public DeletionReceipt Sign(Guid id, Guid userId, DateTimeOffset deletedAt) =>
        new(id, userId, deletedAt, Algorithm, SignatureOf(id, userId, deletedAt));

    public bool IsGood(DeletionReceipt receipt) =>
        receipt.Algorithm == Algorithm
        && CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(receipt.Signature), Encoding.UTF8.GetBytes(SignatureOf(receipt.Id, receipt.UserId, receipt.DeletedAt)));

    private string SignatureOf(Guid id, Guid userId, DateTimeOffset deletedAt) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(
            _key, Encoding.UTF8.GetBytes($"{id} {userId} {deletedAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)}")));
}
