using MediatR;
using Platform.Artifacts.Contracts.Events;
using Platform.Workflows.Domain;
using Platform.Workflows.Firing;

namespace Platform.Workflows.Integration;

internal sealed class FireTriggersWhenArtifactCreatedHandler(EventFiring firing) : INotificationHandler<ArtifactCreatedIntegrationEvent>
{
    public async Task Handle(ArtifactCreatedIntegrationEvent notification, CancellationToken cancellationToken)
    {
        var said = new { artifact_id = notification.ArtifactId, artifact_type = notification.Type, execution_id = notification.ExecutionId };
        var depth = await firing.DepthAfterAsync(notification.ExecutionId, cancellationToken);
        await firing.FireAsync(EventSources.ArtifactCreated, notification.ArtifactId, notification.UserId, said, depth, cancellationToken);
    }
}
