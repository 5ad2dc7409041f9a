using Platform.Artifacts.Contracts.Commands;
using Platform.Artifacts.Domain;
using Platform.SharedKernel.Paging;

namespace Platform.Artifacts.Features.Artifacts;

internal static class ArtifactMapping
{
    public static ArtifactResponse ToResponse(Artifact artifact, RowVersion? version) =>
        new(
            artifact.Id, artifact.SessionId, artifact.Type, artifact.Name, artifact.Data, artifact.FilePath, artifact.Version, artifact.CreatedAt)
        { Version = version };
}
