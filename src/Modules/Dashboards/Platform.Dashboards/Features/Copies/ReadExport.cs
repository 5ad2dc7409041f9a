using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Features.Widgets;
using Platform.Dashboards.Persistence;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Messages;

namespace Platform.Dashboards.Features.Copies;

/// <summary>The file of a dashboard.</summary>
internal sealed record ReadExportQuery(Guid DashboardId) : IQuery<ExportedDashboard>;

internal sealed class ReadExportHandler(DashboardsDbContext db, IMediator mediator, TimeProvider clock)
    : IRequestHandler<ReadExportQuery, ExportedDashboard>
{
    public async Task<ExportedDashboard> Handle(ReadExportQuery request, CancellationToken cancellationToken)
    {
        var dashboard = await db.Dashboards.AsNoTracking().Include(dashboard => dashboard.Widgets)
            .SingleOrDefaultAsync(dashboard => dashboard.Id == request.DashboardId, cancellationToken)
            ?? throw new NotFoundException("dashboard_not_found", "There is no such dashboard.");
        var connectors = await ConnectorNames.ReadAsync(mediator, cancellationToken);
        var document = dashboard.Document;
        var widgets = document.Widgets.Select(widget => new ExportedWidget(
            widget.Id, widget.Type, widget.PositionX, widget.PositionY, widget.Width, widget.Height, widget.Config,
            widget.DataQuery is { } query ? StoredQuery.Read(query) : null, connectors.Describe(widget.ConnectorId)));
        return new ExportedDashboard(
            ExportedDashboard.KnownFormat,
            ExportedDashboard.KnownVersion,
            new ExportedBoard(dashboard.Id, document.Name, [.. widgets], document.Description, document.Layout, document.Config),
            clock.GetUtcNow());
    }
}
