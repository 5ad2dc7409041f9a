using Platform.Artifacts.Contracts.Commands;
using Platform.SharedKernel.Messages;

namespace Platform.Artifacts.Contracts.Queries;

/// <summary>The caller's newest artifact of a name, or null.</summary>
/// <param name="Name">The exact name.</param>
public sealed record FindArtifactQuery(string Name) : IQuery<ArtifactResponse?>;
