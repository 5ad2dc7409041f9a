using MediatR;
using Platform.Artifacts.Contracts.Events;
using Platform.SharedKernel.Infrastructure.Supabase;

namespace Platform.Artifacts.Integration;

internal sealed class RemoveFilesWhenArtifactDeletedHandler(StorageGateway storage) : INotificationHandler<ArtifactDeletedIntegrationEvent>
{
    public Task Handle(ArtifactDeletedIntegrationEvent notification, CancellationToken cancellationToken) =>
        notification.FilePaths.Count == 0
            ? Task.CompletedTask
            : storage.RemoveAsync(ArtifactsModule.Bucket, notification.FilePaths, cancellationToken);
}
