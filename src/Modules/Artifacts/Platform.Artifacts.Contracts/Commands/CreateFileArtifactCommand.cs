using Platform.SharedKernel.Messages;

namespace Platform.Artifacts.Contracts.Commands;

/// <summary>Keeps a file that was made. Sent again with the same id, it answers with the artifact that there is.</summary>
/// <param name="Id">The artifact's id, chosen by whoever makes it.</param>
/// <param name="Name">A name for people.</param>
/// <param name="ContentType">The file's media type.</param>
/// <param name="Content">The file, from its beginning; it is read twice, so it can be sought.</param>
public sealed record CreateFileArtifactCommand(Guid Id, string Name, string ContentType, Stream Content) : ICommand<ArtifactResponse>;
