using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Artifacts.Contracts.Commands;
using Platform.Artifacts.Domain;
using Platform.Artifacts.Persistence;
using Platform.Artifacts.Types;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Json;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Json;
using Platform.SharedKernel.Messages;

namespace Platform.Artifacts.Features.Artifacts;

internal sealed class UpdateArtifactEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPatch("/{id:guid}", HandleAsync).WithName("UpdateArtifact").WithSummary("Change an artifact; new data makes a new version");

    private static async Task<Ok<ArtifactResponse>> HandleAsync(
        Guid id, UpdateArtifactBody body, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new UpdateArtifactCommand(id, body), cancellationToken));
}

internal sealed record UpdateArtifactBody
{
    public Optional<string> Name { get; init; }

    public Optional<JsonElement> Data { get; init; }
}

internal sealed record UpdateArtifactCommand(Guid Id, UpdateArtifactBody Body) : ICommand<ArtifactResponse>;

internal sealed class UpdateArtifactValidator : AbstractValidator<UpdateArtifactCommand>
{
    public UpdateArtifactValidator()
    {
        RuleFor(command => command.Body.Name.Value).NotEmpty().MaximumLength(Artifact.MaxNameLength).When(command => command.Body.Name.IsSet);
        RuleFor(command => command.Body.Data.Value).Must(data => data.ValueKind == JsonValueKind.Object)
            .WithMessage("'Data' must be an object.").When(command => command.Body.Data.IsSet);
    }
}

internal sealed class UpdateArtifactHandler(ArtifactsDbContext db, ArtifactTypes types, TimeProvider clock)
    : IRequestHandler<UpdateArtifactCommand, ArtifactResponse>
{
    public async Task<ArtifactResponse> Handle(UpdateArtifactCommand request, CancellationToken cancellationToken)
    {
        var artifact = await db.Artifacts.SingleOrDefaultAsync(artifact => artifact.Id == request.Id, cancellationToken)
            ?? throw new NotFoundException("artifact_not_found", "There is no such artifact.");
        if (request.Body.Name.IsSet)
        {
            artifact.Rename(request.Body.Name.Value, clock.GetUtcNow());
        }

        if (request.Body.Data.IsSet)
        {
            var merged = artifact.Data is { } data ? MergePatch.Apply(data, request.Body.Data.Value) : request.Body.Data.Value;
            var validator = new InlineValidator<Artifact>();
            validator.RuleFor(existing => existing).Custom((existing, context) => DataRules.Apply(context, types, existing.Type, merged));
            await validator.ValidateAndThrowAsync(artifact, cancellationToken);
            artifact.Replace(merged, clock.GetUtcNow());
        }

        return ArtifactMapping.ToResponse(artifact, db.VersionOf(artifact));
    }
}
