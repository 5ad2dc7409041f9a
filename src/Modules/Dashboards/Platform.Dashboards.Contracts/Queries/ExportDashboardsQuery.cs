using System.Text.Json;
using Platform.SharedKernel.Messages;

namespace Platform.Dashboards.Contracts.Queries;

/// <summary>
/// All dashboards of the caller with what belongs to them, for a copy that the caller takes along. Holds no secret, sealed or hashed.
/// </summary>
public sealed record ExportDashboardsQuery : IQuery<JsonElement>;
