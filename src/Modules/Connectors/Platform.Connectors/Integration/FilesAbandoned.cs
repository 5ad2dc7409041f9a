using MediatR;
using Platform.SharedKernel.Events;

namespace Platform.Connectors.Integration;

/// <summary>Files in Storage that no row refers to any more; an event of this module for itself.</summary>
/// <param name="ConnectorId">Whose files they were.</param>
/// <param name="Paths">Paths in the module's buckets.</param>
[EventName("connectors.files-abandoned.v1")]
internal sealed record FilesAbandonedIntegrationEvent(Guid ConnectorId, IReadOnlyList<string> Paths) : IntegrationEvent(ConnectorId);

internal sealed class RemoveFilesWhenAbandonedHandler(ConnectorStorage storage) : INotificationHandler<FilesAbandonedIntegrationEvent>
{
    public async Task Handle(FilesAbandonedIntegrationEvent notification, CancellationToken cancellationToken)
    {
        foreach (var bucket in notification.Paths.GroupBy(BucketOf, StringComparer.Ordinal))
        {
            await storage.RemoveAsync(bucket.Key, [.. bucket], cancellationToken);
        }
    }

    private static string BucketOf(string path) =>
        path.EndsWith(".parquet", StringComparison.Ordinal) ? ConnectorStorage.Datasets : ConnectorStorage.Uploads;
}
