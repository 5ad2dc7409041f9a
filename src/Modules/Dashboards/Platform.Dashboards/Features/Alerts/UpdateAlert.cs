using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Domain;
using Platform.Dashboards.Persistence;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Json;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Json;
using Platform.SharedKernel.Messages;

namespace Platform.Dashboards.Features.Alerts;

internal sealed class UpdateAlertEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPatch("/{id:guid}", HandleAsync).WithName("UpdateAlert").WithSummary("Change an alert with a JSON merge patch");

    private static async Task<Ok<AlertResponse>> HandleAsync(
        Guid id, UpdateAlertBody body, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new UpdateAlertCommand(id, body), cancellationToken));
}

internal sealed record UpdateAlertBody
{
    public Optional<string> Name { get; init; }

    public Optional<JsonElement> Condition { get; init; }

    public Optional<JsonElement> Notify { get; init; }

    public Optional<string> Schedule { get; init; }

    public Optional<string> Status { get; init; }
}

internal sealed record UpdateAlertCommand(Guid Id, UpdateAlertBody Body) : ICommand<AlertResponse>;

internal sealed class UpdateAlertHandler(DashboardsDbContext db, AlertSecrets secrets, TimeProvider clock)
    : IRequestHandler<UpdateAlertCommand, AlertResponse>
{
    private static readonly AlertTermsValidator Rules = new();

    public async Task<AlertResponse> Handle(UpdateAlertCommand request, CancellationToken cancellationToken)
    {
        var alert = await db.Alerts.SingleOrDefaultAsync(alert => alert.Id == request.Id, cancellationToken)
            ?? throw new NotFoundException("alert_not_found", "There is no such alert.");
        var (body, now) = (request.Body, clock.GetUtcNow());
        var terms = new AlertTerms(
            body.Name.Or(alert.Name),
            body.Condition.IsSet ? MergePatch.Apply(alert.Condition, body.Condition.Value) : alert.Condition,
            body.Notify.IsSet ? MergePatch.Apply(alert.Notify, body.Notify.Value) : alert.Notify,
            body.Schedule.Or(alert.Schedule),
            body.Status.Or(alert.Status));
        // A patch is valid if what it makes is valid.
        Rules.ValidateAndThrow(terms);
        alert.Change(terms, AlertTermsValidator.NextOf(terms.Schedule, now), now);
        var secret = await secrets.EnsureAsync(alert, cancellationToken);
        return AlertResponse.From(alert, db.VersionOf(alert)) with { WebhookSecret = secret };
    }
}
