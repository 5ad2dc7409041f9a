using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Connectors.Domain;
using Platform.Connectors.Persistence;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Connectors.Features.Connectors;

internal sealed class GetConnectorHealthEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}/health", HandleAsync).WithName("GetConnectorHealth")
            .WithSummary("Whether a source answers, since when, and how fresh its data is");

    private static async Task<Ok<ConnectorHealthResponse>> HandleAsync(Guid id, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new GetConnectorHealthQuery(id), cancellationToken));
}

/// <param name="Status">The connector's status.</param>
/// <param name="StatusCode">Why it is <c>error</c>, as a code.</param>
/// <param name="StatusReason">The same for people.</param>
/// <param name="ChangedAt">When checks in the background last changed the status.</param>
/// <param name="CheckedAt">When the source was last asked in the background.</param>
/// <param name="OkAt">When it last answered.</param>
/// <param name="NextCheckAt">When it is asked again; null for a paused connector, and before the first check.</param>
/// <param name="Failures">How many checks in a row have failed.</param>
/// <param name="LastSync">When its datasets were last written.</param>
/// <param name="FreshnessSeconds">How old the datasets are; null if there are none.</param>
internal sealed record ConnectorHealthResponse(
    string Status,
    string? StatusCode,
    string? StatusReason,
    DateTimeOffset? ChangedAt,
    DateTimeOffset? CheckedAt,
    DateTimeOffset? OkAt,
    DateTimeOffset? NextCheckAt,
    int Failures,
    DateTimeOffset? LastSync,
    long? FreshnessSeconds);

internal sealed record GetConnectorHealthQuery(Guid Id) : IQuery<ConnectorHealthResponse>;

internal sealed class GetConnectorHealthHandler(ConnectorsDbContext db, TimeProvider clock)
    : IRequestHandler<GetConnectorHealthQuery, ConnectorHealthResponse>
{
    public async Task<ConnectorHealthResponse> Handle(GetConnectorHealthQuery request, CancellationToken cancellationToken)
    {
        var connector = await db.Connectors.AsNoTracking().SingleOrDefaultAsync(one => one.Id == request.Id, cancellationToken)
            ?? throw ConnectorOpener.NotFound();
        var health = await db.ConnectorHealth.AsNoTracking()
            .SingleOrDefaultAsync(health => health.ConnectorId == request.Id, cancellationToken);
        var next = connector.Status == ConnectorStatus.Paused ? null : health?.NextCheckAt;
        return new ConnectorHealthResponse(
            connector.Status, connector.StatusCode, connector.StatusReason, health?.ChangedAt, health?.CheckedAt, health?.OkAt, next,
            health?.Failures ?? 0, connector.LastSync,
            connector.LastSync is { } last ? (long)(clock.GetUtcNow() - last).TotalSeconds : null);
    }
}
