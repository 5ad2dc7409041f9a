using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Contracts.Queries;
using Platform.Dashboards.Persistence;

namespace Platform.Dashboards.Integration;

internal sealed class ListWidgetsOfConnectorHandler(DashboardsDbContext db)
    : IRequestHandler<ListWidgetsOfConnectorQuery, IReadOnlyList<FedWidget>>
{
    private const int MaxWidgets = 200;

    public async Task<IReadOnlyList<FedWidget>> Handle(ListWidgetsOfConnectorQuery request, CancellationToken cancellationToken) =>
        await db.Widgets.AsNoTracking()
            .Where(widget => widget.ConnectorId == request.ConnectorId)
            .Join(
                db.Dashboards,
                widget => widget.DashboardId,
                dashboard => dashboard.Id,
                (widget, dashboard) => new FedWidget(widget.Id, widget.Type, dashboard.Id, dashboard.Name))
            .Take(MaxWidgets)
            .ToListAsync(cancellationToken);
}
