using System.Text.Json;
using Platform.SharedKernel.Errors;

namespace Platform.Artifacts.Domain;

/// <summary>Something that was made and is kept: its newest version, with all versions behind it.</summary>
internal sealed class Artifact
{
    public const int MaxNameLength = 200;
    public const int MaxDataBytes = 512 * 1024;

    private readonly List<ArtifactVersion> _versions = [];

    private Artifact(
        Guid id, Guid userId, Guid? sessionId, string type, string name, JsonElement? data, string? filePath,
        int version, DateTimeOffset createdAt, DateTimeOffset updatedAt)
    {
        (Id, UserId, SessionId, Type, Name, Data, FilePath) = (id, userId, sessionId, type, name, data, filePath);
        (Version, CreatedAt, UpdatedAt) = (version, createdAt, updatedAt);
    }

    public Guid Id { get; private init; }

    public Guid UserId { get; private init; }

    public Guid? SessionId { get; private set; }

    public string Type { get; private init; }

    public string Name { get; private set; }

    public JsonElement? Data { get; private set; }

    public string? FilePath { get; private set; }

    public string? ContentType { get; private set; }

    public long? Bytes { get; private set; }

    public string? Sha256 { get; private set; }

    public int Version { get; private set; }

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset UpdatedAt { get; private set; }

    public IReadOnlyList<ArtifactVersion> Versions => _versions;

    public static Artifact Create(Guid userId, string type, string name, JsonElement? data, Guid? sessionId, DateTimeOffset now)
    {
        RequireSize(data);
        var artifact = new Artifact(Guid.CreateVersion7(now), userId, sessionId, type, name.Trim(), data, null, 1, now, now);
        artifact.Keep(now);
        return artifact;
    }

    /// <summary>Makes an artifact whose content is a file in Storage.</summary>
    public static Artifact CreateFile(Guid id, Guid userId, string type, string name, StoredFile file, DateTimeOffset now)
    {
        var artifact = new Artifact(id, userId, null, type, name.Trim(), null, file.Path, 1, now, now)
        {
            ContentType = file.ContentType,
            Bytes = file.Bytes,
            Sha256 = file.Sha256,
        };
        artifact.Keep(now);
        return artifact;
    }

    public void Rename(string name, DateTimeOffset now) => (Name, UpdatedAt) = (name.Trim(), now);

    /// <summary>Replaces the content; what it was stays as a version.</summary>
    public void Replace(JsonElement? data, DateTimeOffset now)
    {
        RequireSize(data);
        (Data, FilePath, ContentType, Bytes, Sha256) = (data, null, null, null, null);
        Advance(now);
    }

    /// <summary>Makes the content of an older version the newest one.</summary>
    public void Restore(ArtifactVersion version, DateTimeOffset now)
    {
        (Name, Data, FilePath) = (version.Name, version.Data, version.FilePath);
        (ContentType, Bytes, Sha256) = (version.ContentType, version.Bytes, version.Sha256);
        Advance(now);
    }

    private void Advance(DateTimeOffset now)
    {
        Version++;
        UpdatedAt = now;
        Keep(now);
    }

    private void Keep(DateTimeOffset now) => _versions.Add(ArtifactVersion.Of(this, now));

    private static void RequireSize(JsonElement? data) =>
        RuleViolationException.ThrowIf(
            data is { } document && document.GetRawText().Length > MaxDataBytes,
            "artifact_too_large",
            "$.data",
            "The content holds at most 512 KiB; upload a file instead.");
}

/// <summary>A file in Storage.</summary>
internal sealed record StoredFile(string Path, string ContentType, long Bytes, string Sha256);
