using System.Text.Json;
using Platform.SharedKernel.Messages;

namespace Platform.Artifacts.Contracts.Queries;

/// <summary>
/// All artifacts of the caller with their versions and lineage, for a copy that the caller takes along. Holds no secret, sealed or hashed.
/// </summary>
public sealed record ExportArtifactsQuery : IQuery<JsonElement>;
