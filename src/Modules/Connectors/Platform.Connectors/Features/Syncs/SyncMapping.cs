using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.Domain;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Paging;

namespace Platform.Connectors.Features.Syncs;

internal static class SyncMapping
{
    public static ConnectorSync ToResponse(SyncRun run, RowVersion? version) =>
        new(
            run.Id, run.ConnectorId, run.Status, run.Trigger, run.Streams, run.Progress, run.RowsRead, run.BytesWritten,
            run.ErrorCode, run.Error, run.CreatedAt, run.StartedAt, run.CompletedAt)
        { Version = version };

    public static NotFoundException NotFound() => new("sync_not_found", "There is no such sync.");

    /// <summary>The topic of a sync in the event log.</summary>
    public static string TopicOf(Guid id) => $"sync:{id}";
}
