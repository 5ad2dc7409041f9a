using Platform.SharedKernel.Events;

namespace Platform.Artifacts.Contracts.Events;

/// <summary>An artifact was made.</summary>
/// <param name="ArtifactId">The artifact.</param>
/// <param name="UserId">Its owner.</param>
/// <param name="Type">Its type.</param>
/// <param name="ExecutionId">The execution of a workflow that made it, or null.</param>
[EventName("artifacts.artifact-created.v1")]
public sealed record ArtifactCreatedIntegrationEvent(Guid ArtifactId, Guid UserId, string Type, Guid? ExecutionId = null)
    : IntegrationEvent(ArtifactId);

/// <summary>Its owner deleted an artifact.</summary>
/// <param name="ArtifactId">The artifact.</param>
/// <param name="UserId">Its owner.</param>
/// <param name="FilePaths">Where its files stand in Storage.</param>
[EventName("artifacts.artifact-deleted.v1")]
public sealed record ArtifactDeletedIntegrationEvent(Guid ArtifactId, Guid UserId, IReadOnlyList<string> FilePaths) : IntegrationEvent(ArtifactId);
