namespace Platform.Connectors.Domain;

/// <summary>A file that somebody uploaded for file connectors.</summary>
internal sealed class Upload
{
    public const int MaxNameLength = 255;

    private Upload(
        Guid id, Guid userId, string name, string? contentType, long bytes, string sha256, string filePath, DateTimeOffset createdAt)
    {
        (Id, UserId, Name, ContentType, Bytes) = (id, userId, name, contentType, bytes);
        (Sha256, FilePath, CreatedAt) = (sha256, filePath, createdAt);
    }

    public Guid Id { get; private init; }

    public Guid UserId { get; private init; }

    public string Name { get; private init; }

    public string? ContentType { get; private init; }

    public long Bytes { get; private init; }

    public string Sha256 { get; private init; }

    public string FilePath { get; private init; }

    public DateTimeOffset CreatedAt { get; private init; }

    public static Upload Create(
        Guid id, Guid userId, string name, string? contentType, long bytes, string sha256, string filePath, DateTimeOffset now) =>
        new(id, userId, name, contentType, bytes, sha256, filePath, now);
}
