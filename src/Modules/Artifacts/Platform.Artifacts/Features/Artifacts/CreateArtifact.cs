using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Artifacts.Contracts.Commands;
using Platform.Artifacts.Contracts.Events;
using Platform.Artifacts.Domain;
using Platform.Artifacts.Persistence;
using Platform.Artifacts.Types;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.Artifacts.Features.Artifacts;

internal sealed class CreateArtifactEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/", HandleAsync).WithName("CreateArtifact").WithSummary("Keep something that was made");

    private static async Task<Created<ArtifactResponse>> HandleAsync(
        CreateArtifactBody body, IMediator mediator, CancellationToken cancellationToken)
    {
        var response = await mediator.Send(
            new CreateArtifactCommand(body.Type, body.Name, body.Data, body.SessionId), cancellationToken);
        return TypedResults.Created($"/api/v1/artifacts/{response.Id}", response);
    }
}

internal sealed record CreateArtifactBody(string Type, string Name, JsonElement Data, Guid? SessionId = null);

internal sealed class CreateArtifactValidator : AbstractValidator<CreateArtifactCommand>
{
    public CreateArtifactValidator(ArtifactTypes types)
    {
        RuleFor(command => command.Name).NotEmpty().MaximumLength(Artifact.MaxNameLength);
        RuleFor(command => command.Type).Must(type => types.Find(type) is not null)
            .WithMessage($"Must be one of {string.Join(", ", types.Names)}.");
        RuleFor(command => command.Data).Must(data => data.ValueKind == JsonValueKind.Object).WithMessage("'Data' must be an object.");
        RuleFor(command => command).Custom((command, context) => DataRules.Apply(context, types, command.Type, command.Data));
    }
}

/// <summary>Checks content against its kind.</summary>
internal static class DataRules
{
    public static void Apply<T>(ValidationContext<T> context, ArtifactTypes types, string type, JsonElement? data)
    {
        if (types.Find(type) is { } kind && data is { ValueKind: JsonValueKind.Object } document)
        {
            foreach (var (path, message) in kind.FaultsOf(document))
            {
                context.AddFailure($"Data.{path}", message);
            }
        }
    }
}

internal sealed class CreateArtifactHandler(ArtifactsDbContext db, ICurrentCaller caller, TimeProvider clock)
    : IRequestHandler<CreateArtifactCommand, ArtifactResponse>
{
    public async Task<ArtifactResponse> Handle(CreateArtifactCommand request, CancellationToken cancellationToken)
    {
        if (request.Source is { Key: not null } source && await FindMadeAsync(source, cancellationToken) is { } made)
        {
            return ArtifactMapping.ToResponse(made, db.VersionOf(made));
        }

        var now = clock.GetUtcNow();
        var artifact = Artifact.Create(caller.UserId, request.Type, request.Name, request.Data, request.SessionId, now);
        db.Artifacts.Add(artifact);
        if (request.Source is { } origin)
        {
            db.LineageEdges.Add(LineageEdge.Create(artifact, origin.Type, origin.Id, origin.Key, now));
        }

        db.Publish(new ArtifactCreatedIntegrationEvent(
            artifact.Id, artifact.UserId, artifact.Type, request.Source is { Type: "execution" } execution ? execution.Id : null));
        return ArtifactMapping.ToResponse(artifact, db.VersionOf(artifact));
    }

    private Task<Artifact?> FindMadeAsync(ArtifactSource source, CancellationToken cancellationToken) =>
        db.Artifacts.SingleOrDefaultAsync(
            artifact => db.LineageEdges.Any(edge =>
                edge.ArtifactId == artifact.Id && edge.SourceType == source.Type && edge.SourceId == source.Id && edge.Key == source.Key),
            cancellationToken);
}
