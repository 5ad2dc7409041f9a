using System.Text.Json;
using Platform.SharedKernel.Messages;

namespace Platform.Workflows.Contracts.Queries;

/// <summary>
/// All workflows of the caller with their executions, for a copy that the caller takes along. Holds no secret, sealed or hashed.
/// </summary>
public sealed record ExportWorkflowsQuery : IQuery<JsonElement>;
