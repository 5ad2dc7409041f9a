using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Domain;
using Platform.Dashboards.Features.Grants;
using Platform.Dashboards.Persistence;
using Platform.Dashboards.Widgets;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Json;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Json;
using Platform.SharedKernel.Messages;

namespace Platform.Dashboards.Features.Widgets;

internal sealed class UpdateWidgetEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPatch("/{id:guid}", HandleAsync).WithName("UpdateWidget").WithSummary("Change a widget with a JSON merge patch");

    private static async Task<Ok<WidgetResponse>> HandleAsync(
        Guid id, UpdateWidgetBody body, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new UpdateWidgetCommand(id, body), cancellationToken));
}

internal sealed record UpdateWidgetBody
{
    public Optional<string> Type { get; init; }

    public Optional<JsonElement?> Config { get; init; }

    public Optional<JsonElement?> DataQuery { get; init; }

    public Optional<Guid?> ConnectorId { get; init; }

    public Optional<int> PositionX { get; init; }

    public Optional<int> PositionY { get; init; }

    public Optional<int> Width { get; init; }

    public Optional<int> Height { get; init; }
}

internal sealed record UpdateWidgetCommand(Guid Id, UpdateWidgetBody Body) : ICommand<WidgetResponse>;

internal sealed class UpdateWidgetValidator : AbstractValidator<UpdateWidgetCommand>
{
    public UpdateWidgetValidator()
    {
        When(command => command.Body.Config.IsSet, () => RuleFor(command => command.Body.Config.Value).Document());
        When(
            command => command.Body.DataQuery.IsSet,
            () => RuleFor(command => command.Body.DataQuery.Value).Document());
    }
}

internal sealed class UpdateWidgetHandler(
    DashboardsDbContext db, DashboardAccess access, IMediator mediator, WidgetTypes types, TimeProvider clock)
    : IRequestHandler<UpdateWidgetCommand, WidgetResponse>
{
    private static readonly JsonElement Empty = JsonSerializer.SerializeToElement(new { });

    public async Task<WidgetResponse> Handle(UpdateWidgetCommand request, CancellationToken cancellationToken)
    {
        var body = request.Body;
        await ConnectorCheck.RequireAsync(mediator, body.ConnectorId.Or(null), cancellationToken);
        var dashboard = await db.Dashboards.Include(dashboard => dashboard.Widgets)
            .SingleOrDefaultAsync(dashboard => dashboard.Widgets.Any(widget => widget.Id == request.Id), cancellationToken)
            ?? throw new NotFoundException("widget_not_found", "There is no such widget.");
        var widget = dashboard.Widgets.Single(widget => widget.Id == request.Id);
        // What is asked is asked with the owner's connector, so the owner alone says it.
        var chosen = body.ConnectorId.Or(null) ?? (body.DataQuery.IsSet ? widget.ConnectorId : null);
        await access.RequireEditAsync(dashboard, chosen, cancellationToken);
        var content = Merge(widget.Content, body);
        await ValidateAsync(content, cancellationToken);
        var place = new GridPlace(
            body.PositionX.Or(widget.PositionX), body.PositionY.Or(widget.PositionY), body.Width.Or(widget.Width), body.Height.Or(widget.Height));
        dashboard.ChangeWidget(widget, content, place, clock.GetUtcNow());
        return WidgetResponse.From(widget, db.VersionOf(widget));
    }

    private static WidgetContent Merge(WidgetContent content, UpdateWidgetBody body) => new(
        body.Type.Or(content.Type),
        body.Config.IsSet ? body.Config.Value is { } config ? MergePatch.Apply(content.Config, config) : Empty : content.Config,
        body.DataQuery.IsSet
            ? body.DataQuery.Value is { } query ? MergePatch.Apply(content.DataQuery ?? Empty, query) : null
            : content.DataQuery,
        body.ConnectorId.Or(content.ConnectorId));

    // A patch is valid if what it makes is valid.
    private async Task ValidateAsync(WidgetContent content, CancellationToken cancellationToken)
    {
        var validator = new InlineValidator<WidgetContent>();
        validator.RuleFor(widget => widget).Custom((widget, context) =>
            WidgetContentRules.Apply(context, types, widget.Type, widget.Config, widget.DataQuery is not null));
        await validator.ValidateAndThrowAsync(content, cancellationToken);
        if (content.DataQuery is { } query)
        {
            await new DataQueryValidator().ValidateAndThrowAsync(StoredQuery.Read(query), cancellationToken);
        }
    }
}
