namespace Platform.Artifacts.Domain;

/// <summary>What an artifact was made from.</summary>
internal sealed class LineageEdge
{
    public const string MadeBy = "made_by";

    private LineageEdge(
        Guid id, Guid artifactId, Guid userId, string relation, string sourceType, Guid sourceId, string? key, DateTimeOffset createdAt) =>
        (Id, ArtifactId, UserId, Relation, SourceType, SourceId, Key, CreatedAt) =
        (id, artifactId, userId, relation, sourceType, sourceId, key, createdAt);

    public Guid Id { get; private init; }

    public Guid ArtifactId { get; private init; }

    public Guid UserId { get; private init; }

    public string Relation { get; private init; }

    public string SourceType { get; private init; }

    public Guid SourceId { get; private init; }

    public string? Key { get; private init; }

    public DateTimeOffset CreatedAt { get; private init; }

    public static LineageEdge Create(Artifact artifact, string sourceType, Guid sourceId, string? key, DateTimeOffset now) =>
        new(Guid.CreateVersion7(now), artifact.Id, artifact.UserId, MadeBy, sourceType, sourceId, key, now);
}
