using System.Text.Json;
using System.Text.Json.Serialization;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Platform.Connectors.Contracts.Queries;
using Platform.Dashboards.Features.Widgets;
using Platform.Dashboards.Persistence;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Http;
using Platform.SharedKernel.Infrastructure.Json;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Dashboards.Features.Dashboards;

internal sealed class GetDashboardDataEndpoint : IEndpoint
{
    private const int Concurrency = 4;

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{id:guid}/data", HandleAsync).WithName("GetDashboardData")
            .WithSummary("Read the data of all widgets: a line of JSON for each, as soon as it is ready")
            .Produces<WidgetData>(StatusCodes.Status200OK, "application/x-ndjson");

    private static async Task HandleAsync(
        Guid id, DataRequest? body, IMediator mediator, IServiceScopeFactory scopes, ICurrentCaller caller, HttpContext http)
    {
        var cancellationToken = http.RequestAborted;
        var widgets = await mediator.Send(new ListDataWidgetsQuery(id), cancellationToken);
        http.Response.ContentType = "application/x-ndjson";
        http.Response.Headers.CacheControl = "no-store";
        using var writing = new SemaphoreSlim(1, 1);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(widgets, parallel, async (widgetId, stopping) =>
        {
            // Each widget has a scope of its own: they run at the same time.
            await using var scope = scopes.CreateAsyncScope();
            scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = caller.Caller;
            var line = await ReadAsync(scope.ServiceProvider.GetRequiredService<IMediator>(), widgetId, body?.Parameters, stopping);
            await writing.WaitAsync(stopping);
            try
            {
                await JsonSerializer.SerializeAsync(http.Response.Body, line, PlatformJson.Options, stopping);
                await http.Response.WriteAsync("\n", stopping);
                await http.Response.Body.FlushAsync(stopping);
            }
            finally
            {
                writing.Release();
            }
        });
    }

    private static async Task<WidgetData> ReadAsync(IMediator mediator, Guid widgetId, JsonElement? parameters, CancellationToken cancellationToken)
    {
        try
        {
            var result = await mediator.Send(new GetWidgetDataQuery(widgetId, parameters), cancellationToken);
            return new WidgetData(widgetId, "ok", result, null, "miss", result.AsOf);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // One broken widget does not take the others with it.
            return new WidgetData(widgetId, "error", null, Problem.From(exception), "miss", null);
        }
    }
}

/// <summary>One line of a dashboard's data.</summary>
internal sealed record WidgetData(
    Guid WidgetId,
    string Status,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] QueryResult? Result,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Problem? Problem,
    string Cache,
    DateTimeOffset? AsOf);

internal sealed record ListDataWidgetsQuery(Guid DashboardId) : IQuery<IReadOnlyList<Guid>>;

internal sealed class ListDataWidgetsHandler(DashboardsDbContext db) : IRequestHandler<ListDataWidgetsQuery, IReadOnlyList<Guid>>
{
    public async Task<IReadOnlyList<Guid>> Handle(ListDataWidgetsQuery request, CancellationToken cancellationToken)
    {
        var found = await db.Dashboards.AsNoTracking()
            .Where(dashboard => dashboard.Id == request.DashboardId)
            .Select(dashboard => new
            {
                Widgets = dashboard.Widgets.Where(widget => widget.DataQuery != null)
                    .OrderBy(widget => widget.PositionY).ThenBy(widget => widget.PositionX).Select(widget => widget.Id).ToList(),
            })
            .SingleOrDefaultAsync(cancellationToken);
        return found?.Widgets ?? throw new NotFoundException("dashboard_not_found", "There is no such dashboard.");
    }
}
