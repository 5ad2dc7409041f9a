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
using Platform.Dashboards.Features.Grants;
using Platform.Dashboards.Persistence;
using Platform.Dashboards.Widgets;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Json;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Dashboards.Features.Widgets;

internal sealed class AddWidgetEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{id:guid}/widgets", HandleAsync).WithName("AddWidget").WithSummary("Add a widget, below the others if no place is given");

    private static async Task<Created<WidgetResponse>> HandleAsync(
        Guid id, AddWidgetBody body, IMediator mediator, CancellationToken cancellationToken)
    {
        var response = await mediator.Send(new AddWidgetCommand(id, body), cancellationToken);
        return TypedResults.Created($"/api/v1/widgets/{response.Id}", response);
    }
}

internal sealed record AddWidgetBody(
    string Type,
    JsonElement? Config = null,
    DataQuery? DataQuery = null,
    Guid? ConnectorId = null,
    int? PositionX = null,
    int? PositionY = null,
    int? Width = null,
    int? Height = null);

internal sealed record AddWidgetCommand(Guid DashboardId, AddWidgetBody Body) : ICommand<WidgetResponse>;

internal sealed class AddWidgetValidator : AbstractValidator<AddWidgetCommand>
{
    public AddWidgetValidator(WidgetTypes types)
    {
        RuleFor(command => command.Body.Config).Document();
        RuleFor(command => command.Body.DataQuery).SetValidator(new DataQueryValidator()!);
        RuleFor(command => command.Body).Custom((body, context) =>
            WidgetContentRules.Apply(context, types, body.Type, body.Config, body.DataQuery is not null));
    }
}

internal sealed class AddWidgetHandler(DashboardsDbContext db, DashboardAccess access, IMediator mediator, TimeProvider clock)
    : IRequestHandler<AddWidgetCommand, WidgetResponse>
{
    private static readonly JsonElement Empty = JsonSerializer.SerializeToElement(new { });

    public async Task<WidgetResponse> Handle(AddWidgetCommand request, CancellationToken cancellationToken)
    {
        var body = request.Body;
        await ConnectorCheck.RequireAsync(mediator, body.ConnectorId, cancellationToken);
        var dashboard = await db.Dashboards.Include(dashboard => dashboard.Widgets)
            .SingleOrDefaultAsync(dashboard => dashboard.Id == request.DashboardId, cancellationToken)
            ?? throw new NotFoundException("dashboard_not_found", "There is no such dashboard.");
        await access.RequireEditAsync(dashboard, body.ConnectorId, cancellationToken);
        var widget = dashboard.AddWidget(
            new WidgetContent(body.Type, body.Config ?? Empty, Serialize(body.DataQuery), body.ConnectorId),
            new GridSize(body.Width ?? WidgetContentRules.DefaultSize.Width, body.Height ?? WidgetContentRules.DefaultSize.Height),
            body.PositionX is null && body.PositionY is null ? null : new GridPosition(body.PositionX ?? 0, body.PositionY ?? 0),
            clock.GetUtcNow());
        db.Add(widget);
        return WidgetResponse.From(widget, db.VersionOf(widget)) with { DashboardId = dashboard.Id };
    }

    private static JsonElement? Serialize(DataQuery? query) =>
        query is null ? null : JsonSerializer.SerializeToElement(query, PlatformJson.Options);
}

/// <summary>A widget may only name a connector that its owner has.</summary>
internal static class ConnectorCheck
{
    public static async Task RequireAsync(IMediator mediator, Guid? connectorId, CancellationToken cancellationToken)
    {
        if (connectorId is { } id)
        {
            var found = await mediator.Send(new ListConnectorNamesQuery(Id: id), cancellationToken);
            RuleViolationException.ThrowIf(found.Count == 0, "connector_not_found", "$.connector_id", "There is no such connector.");
        }
    }
}
