using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Charts;
using Platform.Dashboards.Data;
using Platform.Dashboards.Domain;
using Platform.Dashboards.Persistence;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Http;
using Platform.SharedKernel.Messages;

namespace Platform.Dashboards.Exports;

/// <summary>A board as far as the caller sees it, with all that a picture of it needs but its data.</summary>
internal sealed record BoardToDraw(BoardAsks Asks, string Name, string? Description, IReadOnlyList<WidgetDocument> Widgets);

/// <summary>Reads a board, or one of its widgets, to be drawn.</summary>
internal sealed record ReadBoardToDrawQuery(Guid? DashboardId, Guid? WidgetId = null) : IQuery<BoardToDraw>;

internal sealed class ReadBoardToDrawHandler(DashboardsDbContext db) : IRequestHandler<ReadBoardToDrawQuery, BoardToDraw>
{
    public async Task<BoardToDraw> Handle(ReadBoardToDrawQuery request, CancellationToken cancellationToken)
    {
        var dashboard = await db.Dashboards.AsNoTracking().Include(dashboard => dashboard.Widgets)
            .SingleOrDefaultAsync(
                dashboard => request.DashboardId != null
                    ? dashboard.Id == request.DashboardId
                    : dashboard.Widgets.Any(widget => widget.Id == request.WidgetId),
                cancellationToken)
            ?? throw (request.WidgetId is null
                ? new NotFoundException("dashboard_not_found", "There is no such dashboard.")
                : new NotFoundException("widget_not_found", "There is no such widget."));
        var widgets = dashboard.Document.Widgets.Where(widget => request.WidgetId is null || widget.Id == request.WidgetId).ToList();
        var asks = widgets.Where(widget => widget.DataQuery is not null)
            .Select(widget => new WidgetAsk(widget.Id, widget.Type, widget.Config, widget.ConnectorId, widget.DataQuery));
        return new BoardToDraw(
            new BoardAsks(dashboard.Id, dashboard.UserId, dashboard.Config, [.. asks]), dashboard.Name, dashboard.Description, widgets);
    }
}

/// <summary>
/// Reads the data of a board for a picture of it. A widget that cannot be read says why; the others are not held up by it.
/// </summary>
internal sealed class PictureReader(BoardReader reader, TimeProvider clock)
{
    public async Task<BoardPicture> ReadAsync(BoardToDraw board, ViewerRequest request, CancellationToken cancellationToken)
    {
        var begun = await reader.BeginAsync(board.Asks, request, cancellationToken);
        var answers = begun.ToDictionary(answer => answer.WidgetId, answer => answer.Answer);
        var (widgets, asOf) = (new List<WidgetPicture>(), clock.GetUtcNow());
        foreach (var widget in board.Widgets)
        {
            var (answer, failure) = answers.TryGetValue(widget.Id, out var task) ? await EndAsync(task) : (null, null);
            asOf = answer?.Result.AsOf < asOf ? answer.Result.AsOf : asOf;
            widgets.Add(new WidgetPicture(widget.Type, widget.Config, widget.Place, answer?.Result.ToResult(), failure));
        }

        return new BoardPicture(board.Name, board.Description, asOf, widgets);
    }

    private static async Task<(Answer? Answer, string? Failure)> EndAsync(Task<Answer> task)
    {
        try
        {
            return (await task, null);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return (null, Problem.From(exception).Detail);
        }
    }
}
