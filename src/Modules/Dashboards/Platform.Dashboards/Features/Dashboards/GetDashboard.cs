using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Features.Widgets;
using Platform.Dashboards.Persistence;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.SharedKernel.Paging;

namespace Platform.Dashboards.Features.Dashboards;

internal sealed class GetDashboardEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}", HandleAsync).WithName("GetDashboard").WithSummary("Read a dashboard with its widgets");

    private static async Task<Ok<DashboardResponse>> HandleAsync(Guid id, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new GetDashboardQuery(id), cancellationToken));
}

internal sealed record GetDashboardQuery(Guid Id) : IQuery<DashboardResponse>;

internal sealed class GetDashboardHandler(DashboardsDbContext db) : IRequestHandler<GetDashboardQuery, DashboardResponse>
{
    private static readonly Func<DashboardsDbContext, Guid, CancellationToken, Task<DashboardResponse?>> Find =
        EF.CompileAsyncQuery((DashboardsDbContext db, Guid id, CancellationToken cancellationToken) =>
            db.Dashboards.AsNoTracking()
                .Where(dashboard => dashboard.Id == id)
                .Select(dashboard => new DashboardResponse(
                    dashboard.Id, dashboard.Name, dashboard.Description, dashboard.Layout, dashboard.Config, dashboard.IsPublic, dashboard.Tags,
                    dashboard.CreatedAt, dashboard.UpdatedAt,
                    dashboard.Widgets.OrderBy(widget => widget.PositionY).ThenBy(widget => widget.PositionX)
                        .Select(widget => new WidgetResponse(
                            widget.Id, widget.DashboardId, widget.ConnectorId, widget.Type, widget.Config, widget.DataQuery,
                            widget.PositionX, widget.PositionY, widget.Width, widget.Height, widget.CreatedAt, widget.UpdatedAt))
                        .ToList())
                { Version = new RowVersion(EF.Property<uint>(dashboard, "xmin")) })
                .SingleOrDefault());

    public async Task<DashboardResponse> Handle(GetDashboardQuery request, CancellationToken cancellationToken) =>
        await Find(db, request.Id, cancellationToken) ?? throw new NotFoundException("dashboard_not_found", "There is no such dashboard.");
}
