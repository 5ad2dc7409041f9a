using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Connectors.Persistence;
using Platform.Dashboards.Contracts.Queries;
using Platform.SharedKernel.Messages;
using Platform.Workflows.Contracts.Queries;

namespace Platform.Connectors.Features.Connectors;

/// <summary>What a deletion would take with it, or leave without its data.</summary>
internal sealed record ListConnectorDependentsQuery(Guid Id) : IQuery<ConnectorDependents>;

internal sealed record ConnectorDependents(IReadOnlyList<ConnectorDependent> Dependents);

/// <param name="Type"><c>dataset</c>, <c>widget</c> or <c>workflow</c>.</param>
/// <param name="Id">The dependent thing.</param>
/// <param name="Name">Its name; of a widget its type and dashboard.</param>
internal sealed record ConnectorDependent(string Type, Guid Id, string Name);

internal sealed class ListConnectorDependentsHandler(ConnectorsDbContext db, IMediator mediator)
    : IRequestHandler<ListConnectorDependentsQuery, ConnectorDependents>
{
    public async Task<ConnectorDependents> Handle(ListConnectorDependentsQuery request, CancellationToken cancellationToken)
    {
        if (!await db.Connectors.AnyAsync(connector => connector.Id == request.Id, cancellationToken))
        {
            throw ConnectorOpener.NotFound();
        }

        var datasets = await db.ConnectorStreams.AsNoTracking()
            .Where(stream => stream.ConnectorId == request.Id && stream.LastSync != null)
            .OrderBy(stream => stream.Name)
            .Select(stream => new ConnectorDependent("dataset", stream.Id, stream.Name))
            .ToListAsync(cancellationToken);
        var widgets = await mediator.Send(new ListWidgetsOfConnectorQuery(request.Id), cancellationToken);
        var workflows = await mediator.Send(new ListWorkflowsOfConnectorQuery(request.Id), cancellationToken);
        return new ConnectorDependents(
        [
            .. datasets,
            .. widgets.Select(widget => new ConnectorDependent("widget", widget.Id, $"{widget.Type} on {widget.DashboardName}")),
            .. workflows.Select(workflow => new ConnectorDependent("workflow", workflow.Id, workflow.Name)),
        ]);
    }
}
