using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Connectors.Contracts.Commands;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.Domain;
using Platform.Connectors.Features.Connectors;
using Platform.Connectors.Integration;
using Platform.Connectors.Persistence;
using Platform.Connectors.Types;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.Connectors.Features.Syncs;

internal sealed class StartSyncEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{id:guid}/sync", HandleAsync).WithName("StartSync").WithSummary("Read streams into datasets");

    private static async Task<Accepted<ConnectorSync>> HandleAsync(
        Guid id, StartSyncBody? body, IMediator mediator, CancellationToken cancellationToken)
    {
        var sync = await mediator.Send(new StartConnectorSyncCommand(id, body?.Streams), cancellationToken);
        return TypedResults.Accepted($"/api/v1/syncs/{sync.Id}", sync);
    }
}

internal sealed record StartSyncBody(IReadOnlyList<string>? Streams = null);

internal sealed class StartConnectorSyncValidator : AbstractValidator<StartConnectorSyncCommand>
{
    private const int MaxStreams = 500;

    public StartConnectorSyncValidator()
    {
        RuleFor(command => command.Streams).Must(streams => streams is null or { Count: > 0 and <= MaxStreams })
            .WithMessage($"Must name 1 to {MaxStreams} streams, or be left out.");
        RuleForEach(command => command.Streams).NotEmpty().MaximumLength(ConnectorStream.MaxNameLength);
        RuleFor(command => command.Trigger).Must(trigger => trigger is "manual" or "schedule" or "workflow");
    }
}

internal sealed class StartConnectorSyncHandler(ConnectorsDbContext db, ConnectorTypes types, TimeProvider clock)
    : IRequestHandler<StartConnectorSyncCommand, ConnectorSync>
{
    // Beyond it the sweep takes the run up: the job that should have begun is lost.
    private static readonly TimeSpan SweepAfter = TimeSpan.FromSeconds(60);

    public async Task<ConnectorSync> Handle(StartConnectorSyncCommand request, CancellationToken cancellationToken)
    {
        var connector = await db.Connectors.AsNoTracking()
            .SingleOrDefaultAsync(connector => connector.Id == request.ConnectorId, cancellationToken)
            ?? throw ConnectorOpener.NotFound();
        RuleViolationException.ThrowIf(
            !types.TryGet(connector.Type, out var type) || !type.Capabilities.Contains(ConnectorTypes.Read),
            "capability_missing", "A connector of this type is not synced: it is queried where it is.");
        RuleViolationException.ThrowIf(connector.Status == ConnectorStatus.Paused, "connector_paused", "The connector is paused.");

        if (await StartedAsync(request, cancellationToken) is { } started)
        {
            return SyncMapping.ToResponse(started, db.VersionOf(started));
        }

        var now = clock.GetUtcNow();
        var run = SyncRun.Create(connector.Id, connector.UserId, request.Trigger, request.Streams, now, request.RequestId);
        run.PutOff(SweepAfter, now);
        db.SyncRuns.Add(run);
        db.Append(SyncMapping.TopicOf(run.Id), run.UserId, "sync.queued", new { id = run.Id, connector_id = run.ConnectorId });
        db.Publish(new SyncRequestedIntegrationEvent(connector.Id, run.Id, run.UserId));
        return SyncMapping.ToResponse(run, db.VersionOf(run));
    }

    private async Task<SyncRun?> StartedAsync(StartConnectorSyncCommand request, CancellationToken cancellationToken) =>
        request.RequestId is not { } id ? null
        : await db.SyncRuns.FirstOrDefaultAsync(
            run => run.RequestId == id && run.ConnectorId == request.ConnectorId
                && run.Status != SyncStatus.Failed && run.Status != SyncStatus.Cancelled,
            cancellationToken);
}
