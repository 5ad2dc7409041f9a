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
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Dashboards.Features.Alerts;

internal sealed class CreateAlertEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{id:guid}/alerts", HandleAsync).WithName("CreateAlert")
            .WithSummary("Watch the data of your widget; the secret of a webhook is shown this once");

    private static async Task<Created<AlertResponse>> HandleAsync(
        Guid id, CreateAlertBody body, IMediator mediator, CancellationToken cancellationToken)
    {
        var response = await mediator.Send(new CreateAlertCommand(id, body), cancellationToken);
        return TypedResults.Created($"/api/v1/alerts/{response.Id}", response);
    }
}

internal sealed record CreateAlertBody(
    string Name, JsonElement Condition, JsonElement? Notify = null, string Schedule = "*/5 * * * *", string Status = Alert.Active)
{
    public AlertTerms Terms => new(Name, Condition, Notify ?? JsonElement.Parse("{}"), Schedule, Status);
}

internal sealed record CreateAlertCommand(Guid WidgetId, CreateAlertBody Body) : ICommand<AlertResponse>;

internal sealed class CreateAlertValidator : AbstractValidator<CreateAlertCommand>
{
    public CreateAlertValidator() => RuleFor(command => command.Body.Terms).SetValidator(new AlertTermsValidator()).OverridePropertyName("Body");
}

internal sealed class CreateAlertHandler(DashboardsDbContext db, DashboardAccess access, AlertSecrets secrets, TimeProvider clock)
    : IRequestHandler<CreateAlertCommand, AlertResponse>
{
    public async Task<AlertResponse> Handle(CreateAlertCommand request, CancellationToken cancellationToken)
    {
        var ownerId = await db.Widgets.Where(widget => widget.Id == request.WidgetId).Select(widget => (Guid?)widget.UserId)
            .SingleOrDefaultAsync(cancellationToken)
            ?? throw new NotFoundException("widget_not_found", "There is no such widget.");
        access.RequireOwner(ownerId);
        var count = await db.Alerts.CountAsync(alert => alert.WidgetId == request.WidgetId, cancellationToken);
        RuleViolationException.ThrowIf(count >= Alert.MaxAlerts, "too_many_alerts", $"A widget has at most {Alert.MaxAlerts} alerts.");

        var (now, terms) = (clock.GetUtcNow(), request.Body.Terms);
        var alert = Alert.Create(
            Guid.CreateVersion7(now), request.WidgetId, ownerId, terms, AlertTermsValidator.NextOf(terms.Schedule, now), now);
        db.Alerts.Add(alert);
        var secret = await secrets.EnsureAsync(alert, cancellationToken);
        return AlertResponse.From(alert, db.VersionOf(alert)) with { WebhookSecret = secret };
    }
}
