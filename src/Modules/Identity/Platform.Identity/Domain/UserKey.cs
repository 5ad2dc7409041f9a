namespace Platform.Identity.Domain;

/// <summary>A person's data key, wrapped by a master key that is not in the database.</summary>
internal sealed class UserKey
{
    private UserKey(Guid keyId, Guid userId, byte[] wrappedKey, string masterKeyId, DateTimeOffset createdAt) =>
        (KeyId, UserId, WrappedKey, MasterKeyId, CreatedAt) = (keyId, userId, wrappedKey, masterKeyId, createdAt);

    public Guid KeyId { get; private init; }

    public Guid UserId { get; private init; }

    public byte[] WrappedKey { get; private set; }

    public string MasterKeyId { get; private set; }

    public DateTimeOffset CreatedAt { get; private init; }

    public static UserKey Create(Guid userId, byte[] wrappedKey, string masterKeyId, DateTimeOffset now) =>
        new(Guid.CreateVersion7(now), userId, wrappedKey, masterKeyId, now);

    /// <summary>The same key, wrapped by another master key.</summary>
    public void WrapWith(string masterKeyId, byte[] wrappedKey) => (MasterKeyId, WrappedKey) = (masterKeyId, wrappedKey);
}
