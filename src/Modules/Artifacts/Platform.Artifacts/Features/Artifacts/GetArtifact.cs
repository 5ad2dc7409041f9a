using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Artifacts.Contracts.Commands;
using Platform.Artifacts.Persistence;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.SharedKernel.Paging;

namespace Platform.Artifacts.Features.Artifacts;

internal sealed class GetArtifactEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}", HandleAsync).WithName("GetArtifact").WithSummary("Read an artifact");

    private static async Task<Ok<ArtifactResponse>> HandleAsync(Guid id, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new GetArtifactQuery(id), cancellationToken));
}

internal sealed record GetArtifactQuery(Guid Id) : IQuery<ArtifactResponse>;

internal sealed class GetArtifactHandler(ArtifactsDbContext db) : IRequestHandler<GetArtifactQuery, ArtifactResponse>
{
    public async Task<ArtifactResponse> Handle(GetArtifactQuery request, CancellationToken cancellationToken) =>
        await db.Artifacts.AsNoTracking()
            .Where(artifact => artifact.Id == request.Id)
            .Select(artifact => ArtifactMapping.ToResponse(artifact, new RowVersion(EF.Property<uint>(artifact, "xmin"))))
            .SingleOrDefaultAsync(cancellationToken)
        ?? throw new NotFoundException("artifact_not_found", "There is no such artifact.");
}
