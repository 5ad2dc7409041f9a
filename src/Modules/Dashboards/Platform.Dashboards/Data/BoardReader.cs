using System.Text.Json;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Platform.Connectors.Contracts.Queries;
using Platform.Dashboards.Domain.Parameters;
using Platform.Dashboards.Features.Widgets;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Errors;

namespace Platform.Dashboards.Data;

/// <summary>What a viewer asks for.</summary>
/// <param name="Parameters">Values by name, or null.</param>
/// <param name="Locked">Values that a share link fixes, or null.</param>
/// <param name="MaxAge">The oldest answer that is good enough, or null for the board's own interval.</param>
internal sealed record ViewerRequest(JsonElement? Parameters, JsonElement? Locked = null, TimeSpan? MaxAge = null);

/// <summary>
/// Answers what a board asks. The queries run under the identity of the board's owner, whose connectors they are; the caller must have been
/// let see the board before.
/// </summary>
internal sealed class BoardReader(ResultCache cache, IServiceScopeFactory scopes, IOptions<DashboardsOptions> options, TimeProvider clock)
{
    /// <summary>Begins to answer every widget of a board.</summary>
    public async Task<IReadOnlyList<(Guid WidgetId, Task<Answer> Answer)>> BeginAsync(
        BoardAsks board, ViewerRequest request, CancellationToken cancellationToken)
    {
        var values = ValuesOf(board, request);
        var versions = await ReadVersionsAsync(board, cancellationToken);
        return [.. board.Widgets.Select(widget => (
            widget.Id,
            AnswerAsync(() => QuestionOf(board, widget.ConnectorId, widget.Query, values, versions), request.MaxAge, cancellationToken)))];
    }

    /// <summary>Answers the one widget that was read.</summary>
    public async Task<Answer> ReadAsync(BoardAsks board, ViewerRequest request, CancellationToken cancellationToken) =>
        await (await BeginAsync(board, request, cancellationToken))[0].Answer;

    /// <summary>Answers the query of a list's options.</summary>
    public async Task<Answer> ReadOptionsAsync(
        BoardAsks board, ParameterQuery query, ViewerRequest request, CancellationToken cancellationToken)
    {
        var values = ValuesOf(board, request);
        var versions = await ReadVersionsAsync(
            board with { Widgets = [new WidgetAsk(default, "", default, query.ConnectorId, null)] }, cancellationToken);
        var ask = new DataQuery(query.Query, null, query.Source);
        return await AnswerAsync(() => QuestionOf(board, query.ConnectorId, ask, values, versions), request.MaxAge, cancellationToken);
    }

    private async Task<Answer> AnswerAsync(Func<Question> question, TimeSpan? maxAge, CancellationToken cancellationToken) =>
        await cache.GetAsync(question(), maxAge, cancellationToken);

    private ViewerValues ValuesOf(BoardAsks board, ViewerRequest request) =>
        ViewerValues.Check(
            ParameterDefinitions.Read(board.Config), board.QueryNames, request.Parameters, request.Locked,
            DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime));

    private Question QuestionOf(
        BoardAsks board, Guid? connectorId, DataQuery? query, ViewerValues values, IReadOnlyDictionary<Guid, string> versions)
    {
        RuleViolationException.ThrowIf(query is null, "widget_without_query", "The widget has no query.");
        RuleViolationException.ThrowIf(connectorId is null, "widget_without_connector", "The widget's connector is gone, or none was chosen.");
        if (!versions.TryGetValue(connectorId!.Value, out var version))
        {
            throw new NotFoundException("connector_not_found", "There is no such connector.");
        }

        return new Question(
            board.OwnerId, connectorId.Value, version, query!.Query, values.For(query.Query, query.Parameters), query.Source, FreshOf(board.Config));
    }

    private TimeSpan FreshOf(JsonElement config) =>
        ParameterDefinitions.MemberOf(config, "refresh") is { ValueKind: JsonValueKind.Number } seconds
        && seconds.TryGetDouble(out var given) && given is >= 0 and <= 86_400
            ? TimeSpan.FromSeconds(given)
            : TimeSpan.FromSeconds(options.Value.FreshSeconds);

    private async Task<IReadOnlyDictionary<Guid, string>> ReadVersionsAsync(BoardAsks board, CancellationToken cancellationToken)
    {
        var ids = board.Widgets.Select(widget => widget.ConnectorId).OfType<Guid>().Distinct().ToList();
        if (ids.Count == 0)
        {
            return new Dictionary<Guid, string>();
        }

        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = Caller.User(board.OwnerId);
        var versions = await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new GetConnectorVersionsQuery(ids), cancellationToken);
        return versions.ToDictionary(version => version.Id, version => version.Version);
    }
}
