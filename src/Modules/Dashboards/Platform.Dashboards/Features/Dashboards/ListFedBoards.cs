using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Persistence;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Messages;

namespace Platform.Dashboards.Features.Dashboards;

/// <summary>The caller's boards that a connector feeds, at most 200, with the widgets that show its data.</summary>
internal sealed record ListFedBoardsQuery(Guid ConnectorId) : IQuery<IReadOnlyList<FedBoard>>;

internal sealed record FedBoard(Guid DashboardId, IReadOnlyList<Guid> WidgetIds);

internal sealed class ListFedBoardsHandler(DashboardsDbContext db, ICurrentCaller caller)
    : IRequestHandler<ListFedBoardsQuery, IReadOnlyList<FedBoard>>
{
    private const int MaxBoards = 200;

    public async Task<IReadOnlyList<FedBoard>> Handle(ListFedBoardsQuery request, CancellationToken cancellationToken)
    {
        var widgets = await db.Widgets.AsNoTracking()
            .Where(widget => widget.ConnectorId == request.ConnectorId && widget.UserId == caller.UserId)
            .Select(widget => new { widget.DashboardId, widget.Id }).ToListAsync(cancellationToken);
        return [.. widgets.GroupBy(widget => widget.DashboardId).Take(MaxBoards)
            .Select(board => new FedBoard(board.Key, [.. board.Select(widget => widget.Id)]))];
    }
}
