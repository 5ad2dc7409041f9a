using System.Security.Cryptography;
using System.Text;
using Platform.SharedKernel.Errors;

namespace Platform.Identity.Domain;

/// <summary>A key that acts as its owner. Only its hash is kept; a key of 256 random bits needs no slow hash.</summary>
internal sealed class ApiKey
{
    public const int MaxNameLength = 120;
    public const int MaxKeys = 50;
    public const string Read = "read";
    public const string Write = "write";

    private ApiKey(
        Guid id, Guid userId, string name, string prefix, string keyHash, string[] scopes, DateTimeOffset? expiresAt,
        DateTimeOffset? lastUsedAt, string? previousKeyHash, DateTimeOffset? previousValidUntil, DateTimeOffset createdAt,
        DateTimeOffset updatedAt) =>
        (Id, UserId, Name, Prefix, KeyHash, Scopes, ExpiresAt, LastUsedAt, PreviousKeyHash, PreviousValidUntil, CreatedAt, UpdatedAt) =
        (id, userId, name, prefix, keyHash, scopes, expiresAt, lastUsedAt, previousKeyHash, previousValidUntil, createdAt, updatedAt);

    public Guid Id { get; private init; }

    public Guid UserId { get; private init; }

    public string Name { get; private init; }

    /// <summary>The visible beginning of the key, by which a person knows it again.</summary>
    public string Prefix { get; private set; }

    public string KeyHash { get; private set; }

    public string[] Scopes { get; private init; }

    public DateTimeOffset? ExpiresAt { get; private init; }

    public DateTimeOffset? LastUsedAt { get; private init; }

    public string? PreviousKeyHash { get; private set; }

    public DateTimeOffset? PreviousValidUntil { get; private set; }

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset UpdatedAt { get; private set; }

    public static ApiKey Create(Guid userId, string name, string[] scopes, DateTimeOffset? expiresAt, ApiKeySecret secret, DateTimeOffset now) =>
        new(
            Guid.CreateVersion7(now), userId, name.Trim(), secret.Prefix, secret.Hash, [.. scopes.Distinct(StringComparer.Ordinal)], expiresAt,
            null, null, null, now, now);

    /// <summary>Gives it another secret; the one before stays good for the overlap.</summary>
    public void Rotate(ApiKeySecret secret, TimeSpan overlap, DateTimeOffset now)
    {
        RuleViolationException.ThrowIf(ExpiresAt <= now, "api_key_expired", "The key has expired. Make another.");
        PreviousKeyHash = overlap > TimeSpan.Zero ? KeyHash : null;
        PreviousValidUntil = overlap > TimeSpan.Zero ? now + overlap : null;
        (Prefix, KeyHash, UpdatedAt) = (secret.Prefix, secret.Hash, now);
    }
}

/// <summary>The text of a key: <c>plk_</c>, a visible id of 16 digits, and 256 secret bits.</summary>
internal sealed record ApiKeySecret(string Text)
{
    public const string Mark = "plk_";
    private const int IdBytes = 8;
    private const int SecretBytes = 32;
    private const int PrefixLength = 20;
    private const int Length = 64;

    public string Prefix => Text[..PrefixLength];

    public string Hash => HashOf(Text);

    public static ApiKeySecret Create() =>
        new($"{Mark}{RandomNumberGenerator.GetHexString(IdBytes * 2, lowercase: true)}_"
            + System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes)));

    public static bool HasForm(string text) => text.Length == Length && text.StartsWith(Mark, StringComparison.Ordinal) && text[PrefixLength] == '_';

    public static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
