using FluentValidation;
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

namespace Platform.Artifacts.Features.Artifacts;

internal sealed class RestoreArtifactVersionEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{id:guid}/versions/{number:int}/restore", HandleAsync).WithName("RestoreArtifactVersion")
            .WithSummary("Make an older version the newest one");

    private static async Task<Ok<ArtifactResponse>> HandleAsync(
        Guid id, int number, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new RestoreArtifactVersionCommand(id, number), cancellationToken));
}

internal sealed record RestoreArtifactVersionCommand(Guid Id, int Number) : ICommand<ArtifactResponse>;

internal sealed class RestoreArtifactVersionValidator : AbstractValidator<RestoreArtifactVersionCommand>
{
    public RestoreArtifactVersionValidator() => RuleFor(command => command.Number).GreaterThan(0);
}

internal sealed class RestoreArtifactVersionHandler(ArtifactsDbContext db, TimeProvider clock)
    : IRequestHandler<RestoreArtifactVersionCommand, ArtifactResponse>
{
    public async Task<ArtifactResponse> Handle(RestoreArtifactVersionCommand request, CancellationToken cancellationToken)
    {
        var artifact = await db.Artifacts
            .Include(artifact => artifact.Versions.Where(version => version.Version == request.Number))
            .SingleOrDefaultAsync(artifact => artifact.Id == request.Id, cancellationToken)
            ?? throw new NotFoundException("artifact_not_found", "There is no such artifact.");
        if (artifact.Versions is not [var version])
        {
            throw new NotFoundException("artifact_version_not_found", "The artifact has no such version.");
        }

        artifact.Restore(version, clock.GetUtcNow());
        return ArtifactMapping.ToResponse(artifact, db.VersionOf(artifact));
    }
}
