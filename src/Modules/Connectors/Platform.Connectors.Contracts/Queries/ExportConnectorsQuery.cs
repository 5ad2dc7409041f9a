using System.Text.Json;
using Platform.SharedKernel.Messages;

namespace Platform.Connectors.Contracts.Queries;

/// <summary>
/// All connectors, datasets and uploads of the caller, for a copy that the caller takes along. Holds no secret, sealed or hashed.
/// </summary>
public sealed record ExportConnectorsQuery : IQuery<JsonElement>;
