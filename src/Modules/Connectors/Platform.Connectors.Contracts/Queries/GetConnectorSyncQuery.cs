using System.Text.Json;
using Platform.SharedKernel.Messages;
using Platform.SharedKernel.Paging;

namespace Platform.Connectors.Contracts.Queries;

/// <summary>A sync of the caller, as it stands.</summary>
/// <param name="Id">The sync.</param>
public sealed record GetConnectorSyncQuery(Guid Id) : IQuery<ConnectorSync>;

/// <summary>A reading of a connector into datasets.</summary>
/// <param name="Id">Its id.</param>
/// <param name="ConnectorId">What it reads.</param>
/// <param name="Status"><c>queued</c>, <c>running</c>, <c>succeeded</c>, <c>failed</c> or <c>cancelled</c>.</param>
/// <param name="Trigger">Who asked for it.</param>
/// <param name="Streams">The streams that were asked for, or null for all.</param>
/// <param name="Progress">Stream name to what was read of it.</param>
/// <param name="RowsRead">The rows so far.</param>
/// <param name="BytesWritten">The bytes of the datasets' files so far.</param>
/// <param name="ErrorCode">Why it failed.</param>
/// <param name="Error">The same for people.</param>
/// <param name="CreatedAt">When it was asked for.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="CompletedAt">When it ended.</param>
public sealed record ConnectorSync(
    Guid Id,
    Guid ConnectorId,
    string Status,
    string Trigger,
    JsonElement? Streams,
    JsonElement Progress,
    long RowsRead,
    long BytesWritten,
    string? ErrorCode,
    string? Error,
    DateTimeOffset CreatedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? CompletedAt) : VersionedResponse;
