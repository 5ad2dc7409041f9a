using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Connectors.Domain;
using Platform.Connectors.Features.Health;
using Platform.Connectors.Persistence;
using Platform.Connectors.Types;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Connectors.Features.Connectors;

internal sealed class TestConnectorEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{id:guid}/test", HandleAsync).WithName("TestConnector")
            .WithSummary("See whether the source answers; the status tells it from then on");

    // The probe waits for the source, so it runs before the transaction that keeps its outcome.
    private static async Task<Ok<ConnectionTestResult>> HandleAsync(Guid id, IMediator mediator, CancellationToken cancellationToken)
    {
        var result = await mediator.Send(new ProbeConnectorQuery(id), cancellationToken);
        await mediator.Send(new RecordTestCommand(id, result), cancellationToken);
        return TypedResults.Ok(result);
    }
}

internal sealed record ProbeConnectorQuery(Guid Id) : IQuery<ConnectionTestResult>;

internal sealed class ProbeConnectorHandler(ConnectorOpener opener) : IRequestHandler<ProbeConnectorQuery, ConnectionTestResult>
{
    public async Task<ConnectionTestResult> Handle(ProbeConnectorQuery request, CancellationToken cancellationToken)
    {
        var connector = await opener.OpenAsync(request.Id, "test", cancellationToken);
        return await connector.Type.TestAsync(connector.Settings, cancellationToken);
    }
}

internal sealed record RecordTestCommand(Guid Id, ConnectionTestResult Result) : ICommand;

internal sealed class RecordTestHandler(ConnectorsDbContext db, TimeProvider clock) : AsyncRequestHandler<RecordTestCommand>
{
    protected override async Task Handle(RecordTestCommand request, CancellationToken cancellationToken)
    {
        var connector = await db.Connectors.SingleOrDefaultAsync(connector => connector.Id == request.Id, cancellationToken)
            ?? throw ConnectorOpener.NotFound();
        var result = request.Result;
        HealthChange.Record(db, connector, result.Ok, result.Code, result.Detail, clock.GetUtcNow());
        db.ConnectorEvents.Add(ConnectorEvent.Of(
            connector, "tested", clock.GetUtcNow(), result.Code, result.Detail, new { latency_ms = result.LatencyMs }));
    }
}
