using MediatR;
using Platform.Dashboards.Contracts.Queries;
using Platform.Dashboards.Data;
using Platform.SharedKernel.Infrastructure.Http;

namespace Platform.Dashboards.Integration;

internal sealed class RefreshDashboardHandler(IMediator mediator, BoardReader reader) : IRequestHandler<RefreshDashboardQuery, DashboardRefresh>
{
    public async Task<DashboardRefresh> Handle(RefreshDashboardQuery request, CancellationToken cancellationToken)
    {
        var board = await mediator.Send(new ReadBoardAsksQuery(request.DashboardId), cancellationToken);
        var asking = board with { Widgets = [.. board.Widgets.Where(widget => widget.Query is not null)] };
        var answers = await reader.BeginAsync(asking, new ViewerRequest(null, MaxAge: TimeSpan.Zero), cancellationToken);
        return new DashboardRefresh(request.DashboardId, await Task.WhenAll(answers.Select(answer => ReadAsync(answer.WidgetId, answer.Answer))));
    }

    private static async Task<WidgetRefresh> ReadAsync(Guid widgetId, Task<Answer> answer)
    {
        try
        {
            var result = (await answer).Result;
            return new WidgetRefresh(widgetId, result.ToResult().RowCount, result.AsOf, null);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // One broken widget does not take the others with it.
            return new WidgetRefresh(widgetId, null, null, Problem.From(exception).Code);
        }
    }
}
