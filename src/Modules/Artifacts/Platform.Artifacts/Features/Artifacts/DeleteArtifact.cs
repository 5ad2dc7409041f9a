using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Artifacts.Contracts.Events;
using Platform.Artifacts.Persistence;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Artifacts.Features.Artifacts;

internal sealed class DeleteArtifactEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapDelete("/{id:guid}", HandleAsync).WithName("DeleteArtifact").WithSummary("Delete an artifact, its versions and files");

    private static async Task<NoContent> HandleAsync(Guid id, IMediator mediator, CancellationToken cancellationToken)
    {
        await mediator.Send(new DeleteArtifactCommand(id), cancellationToken);
        return TypedResults.NoContent();
    }
}

internal sealed record DeleteArtifactCommand(Guid Id) : ICommand;

internal sealed class DeleteArtifactHandler(ArtifactsDbContext db) : AsyncRequestHandler<DeleteArtifactCommand>
{
    protected override async Task Handle(DeleteArtifactCommand request, CancellationToken cancellationToken)
    {
        var artifact = await db.Artifacts.Include(artifact => artifact.Versions)
            .SingleOrDefaultAsync(artifact => artifact.Id == request.Id, cancellationToken)
            ?? throw new NotFoundException("artifact_not_found", "There is no such artifact.");
        var paths = artifact.Versions.Select(version => version.FilePath).OfType<string>().Distinct().ToList();
        db.Publish(new ArtifactDeletedIntegrationEvent(artifact.Id, artifact.UserId, paths));
        db.Artifacts.Remove(artifact);
    }
}
