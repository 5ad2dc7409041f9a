using System.Text.Json;
using Platform.SharedKernel.Messages;
using Platform.SharedKernel.Paging;

namespace Platform.Artifacts.Contracts.Commands;

/// <summary>Keeps something that was made. Send it outside any other command, with an id of your own where it may be sent twice.</summary>
/// <param name="Type">One of <c>table, chart, document, code, image, file, query</c>.</param>
/// <param name="Name">A name for people.</param>
/// <param name="Data">The content in the shape of its type.</param>
/// <param name="SessionId">The chat session that made it, if one did.</param>
/// <param name="Source">Where it comes from, for its lineage; null where nothing is known.</param>
public sealed record CreateArtifactCommand(
    string Type, string Name, JsonElement Data, Guid? SessionId = null, ArtifactSource? Source = null) : ICommand<ArtifactResponse>;

/// <summary>What an artifact was made from.</summary>
/// <param name="Type"><c>connector</c>, <c>execution</c>, <c>message</c> or <c>artifact</c>.</param>
/// <param name="Id">The id of the thing.</param>
/// <param name="Key">
/// Equal for equal work, for example execution and step: a second artifact of the same source and key is not made, the first is answered.
/// </param>
public sealed record ArtifactSource(string Type, Guid Id, string? Key = null);

/// <summary>An artifact.</summary>
/// <param name="Id">Its id.</param>
/// <param name="SessionId">The chat session that made it, if one did.</param>
/// <param name="Type">Its type.</param>
/// <param name="Name">Its name.</param>
/// <param name="Data">Its content; null where the content is a file.</param>
/// <param name="FilePath">Where its file stands in Storage, or null.</param>
/// <param name="Revision">The number of its newest version, from 1.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record ArtifactResponse(
    Guid Id, Guid? SessionId, string Type, string Name, JsonElement? Data, string? FilePath, [property: System.Text.Json.Serialization.JsonPropertyName("version")] int Revision, DateTimeOffset CreatedAt)
    : VersionedResponse;
