using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Artifacts.Persistence;
using Platform.Identity.Contracts.Events;
using Platform.SharedKernel.Infrastructure.Supabase;

namespace Platform.Artifacts.Integration;

internal sealed class DeleteArtifactsWhenUserDeletedHandler(ArtifactsDbContext db, StorageGateway storage)
    : INotificationHandler<UserDeletedIntegrationEvent>
{
    private const int Batch = 500;

    public async Task Handle(UserDeletedIntegrationEvent notification, CancellationToken cancellationToken)
    {
        var paths = await db.ArtifactVersions.AsNoTracking()
            .Where(version => version.UserId == notification.UserId && version.FilePath != null)
            .Select(version => version.FilePath!)
            .Distinct()
            .ToListAsync(cancellationToken);
        foreach (var chunk in paths.Chunk(Batch))
        {
            await storage.RemoveAsync(ArtifactsModule.Bucket, chunk, cancellationToken);
        }

        await db.Artifacts.Where(artifact => artifact.UserId == notification.UserId).ExecuteDeleteAsync(cancellationToken);
    }
}
