using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Connectors.Persistence;
using Platform.Identity.Contracts.Events;

namespace Platform.Connectors.Integration;

internal sealed class DeleteConnectorsWhenUserDeletedHandler(ConnectorsDbContext db, ConnectorStorage storage)
    : INotificationHandler<UserDeletedIntegrationEvent>
{
    private const int Batch = 500;

    public async Task Handle(UserDeletedIntegrationEvent notification, CancellationToken cancellationToken)
    {
        var streams = await db.ConnectorStreams.AsNoTracking()
            .Where(stream => stream.UserId == notification.UserId)
            .ToListAsync(cancellationToken);
        var uploads = await db.Uploads.AsNoTracking()
            .Where(upload => upload.UserId == notification.UserId)
            .Select(upload => upload.FilePath)
            .ToListAsync(cancellationToken);
        await RemoveAsync(ConnectorStorage.Datasets, streams.SelectMany(stream => stream.ReadFiles()).Select(file => file.Path), cancellationToken);
        await RemoveAsync(ConnectorStorage.Uploads, uploads, cancellationToken);
        // By hand: the table serves two entities, which EF does not delete from.
        await db.Database.ExecuteSqlAsync($"delete from connectors.connectors where user_id = {notification.UserId}", cancellationToken);
        await db.Uploads.Where(upload => upload.UserId == notification.UserId).ExecuteDeleteAsync(cancellationToken);
    }

    private async Task RemoveAsync(string bucket, IEnumerable<string> paths, CancellationToken cancellationToken)
    {
        foreach (var chunk in paths.Chunk(Batch))
        {
            await storage.RemoveAsync(bucket, chunk, cancellationToken);
        }
    }
}
