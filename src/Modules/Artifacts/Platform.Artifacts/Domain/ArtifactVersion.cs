using System.Text.Json;

namespace Platform.Artifacts.Domain;

/// <summary>What an artifact was at a time. Never changes.</summary>
internal sealed class ArtifactVersion
{
    private ArtifactVersion(
        Guid id, Guid userId, int version, string name, JsonElement? data, string? filePath, string? contentType, long? bytes, string? sha256,
        DateTimeOffset createdAt)
    {
        (Id, UserId, Version, Name, Data, FilePath) = (id, userId, version, name, data, filePath);
        (ContentType, Bytes, Sha256, CreatedAt) = (contentType, bytes, sha256, createdAt);
    }

    public Guid Id { get; private init; }

    public Guid ArtifactId { get; private init; }

    public Guid UserId { get; private init; }

    public int Version { get; private init; }

    public string Name { get; private init; }

    public JsonElement? Data { get; private init; }

    public string? FilePath { get; private init; }

    public string? ContentType { get; private init; }

    public long? Bytes { get; private init; }

    public string? Sha256 { get; private init; }

    public DateTimeOffset CreatedAt { get; private init; }

    public static ArtifactVersion Of(Artifact artifact, DateTimeOffset now) =>
        new(
            Guid.CreateVersion7(now), artifact.UserId, artifact.Version, artifact.Name, artifact.Data, artifact.FilePath,
            artifact.ContentType, artifact.Bytes, artifact.Sha256, now);
}
