using MediatR;
using Platform.Dashboards.Contracts.Queries;
using Platform.Dashboards.Features.Dashboards;
using Platform.Dashboards.Features.Widgets;
using Platform.SharedKernel.Infrastructure.Http;

namespace Platform.Dashboards.Integration;

internal sealed class RefreshDashboardHandler(IMediator mediator) : IRequestHandler<RefreshDashboardQuery, DashboardRefresh>
{
    public async Task<DashboardRefresh> Handle(RefreshDashboardQuery request, CancellationToken cancellationToken)
    {
        var read = new List<WidgetRefresh>();
        foreach (var widget in await mediator.Send(new ListDataWidgetsQuery(request.DashboardId), cancellationToken))
        {
            read.Add(await ReadAsync(widget, cancellationToken));
        }

        return new DashboardRefresh(request.DashboardId, read);
    }

    private async Task<WidgetRefresh> ReadAsync(Guid widgetId, CancellationToken cancellationToken)
    {
        try
        {
            var result = await mediator.Send(new GetWidgetDataQuery(widgetId, null), cancellationToken);
            return new WidgetRefresh(widgetId, result.RowCount, result.AsOf, null);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // One broken widget does not take the others with it.
            return new WidgetRefresh(widgetId, null, null, Problem.From(exception).Code);
        }
    }
}
