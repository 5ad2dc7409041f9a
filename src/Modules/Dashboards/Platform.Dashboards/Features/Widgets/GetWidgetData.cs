using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Connectors.Contracts.Queries;
using Platform.Dashboards.Domain;
using Platform.Dashboards.Persistence;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Dashboards.Features.Widgets;

internal sealed class GetWidgetDataEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{id:guid}/data", HandleAsync).WithName("GetWidgetData").WithSummary("Read the data of a widget");

    private static async Task<Ok<QueryResult>> HandleAsync(
        Guid id, DataRequest? body, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new GetWidgetDataQuery(id, body?.Parameters), cancellationToken));
}

/// <summary>What a viewer sends: values of parameters, never a query.</summary>
internal sealed record DataRequest(JsonElement? Parameters = null);

internal sealed record GetWidgetDataQuery(Guid Id, JsonElement? Parameters) : IQuery<QueryResult>;

internal sealed class GetWidgetDataValidator : AbstractValidator<GetWidgetDataQuery>
{
    public GetWidgetDataValidator() => RuleFor(query => query.Parameters).Document();
}

internal sealed class GetWidgetDataHandler(DashboardsDbContext db, IMediator mediator) : IRequestHandler<GetWidgetDataQuery, QueryResult>
{
    public async Task<QueryResult> Handle(GetWidgetDataQuery request, CancellationToken cancellationToken)
    {
        var found = await db.Widgets.AsNoTracking()
            .Where(widget => widget.Id == request.Id)
            .Join(
                db.Dashboards,
                widget => widget.DashboardId,
                dashboard => dashboard.Id,
                (widget, dashboard) => new { widget.ConnectorId, widget.DataQuery, dashboard.Config })
            .SingleOrDefaultAsync(cancellationToken)
            ?? throw new NotFoundException("widget_not_found", "There is no such widget.");
        RuleViolationException.ThrowIf(found.DataQuery is null, "widget_without_query", "The widget has no query.");
        RuleViolationException.ThrowIf(found.ConnectorId is null, "widget_without_connector", "The widget's connector is gone, or none was chosen.");

        var query = StoredQuery.Read(found.DataQuery!.Value);
        var parameters = ViewerParameters.Apply(query.Parameters, ViewerParameters.NamesOf(found.Config), request.Parameters);
        return await mediator.Send(
            new RunConnectorQuery(found.ConnectorId!.Value, query.Query, parameters, Source: query.Source), cancellationToken);
    }
}
