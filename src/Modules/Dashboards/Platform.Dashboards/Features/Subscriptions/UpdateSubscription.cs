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

namespace Platform.Dashboards.Features.Subscriptions;

internal sealed class UpdateSubscriptionEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPatch("/{id:guid}", HandleAsync).WithName("UpdateSubscription")
            .WithSummary("Change a subscription with a JSON merge patch; status active begins a stopped one again");

    private static async Task<Ok<SubscriptionResponse>> HandleAsync(
        Guid id, UpdateSubscriptionBody body, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new UpdateSubscriptionCommand(id, body), cancellationToken));
}

internal sealed record UpdateSubscriptionBody
{
    public Optional<string> Schedule { get; init; }

    public Optional<string> TimeZone { get; init; }

    public Optional<string> Format { get; init; }

    public Optional<string> Theme { get; init; }

    public Optional<JsonElement> Parameters { get; init; }

    public Optional<string> Status { get; init; }
}

internal sealed record UpdateSubscriptionCommand(Guid Id, UpdateSubscriptionBody Body) : ICommand<SubscriptionResponse>;

internal sealed class UpdateSubscriptionHandler(DashboardsDbContext db, IMediator mediator, TimeProvider clock)
    : IRequestHandler<UpdateSubscriptionCommand, SubscriptionResponse>
{
    public async Task<SubscriptionResponse> Handle(UpdateSubscriptionCommand request, CancellationToken cancellationToken)
    {
        var subscription = await db.Subscriptions.SingleOrDefaultAsync(subscription => subscription.Id == request.Id, cancellationToken)
            ?? throw new NotFoundException("subscription_not_found", "There is no such subscription.");
        var (body, now) = (request.Body, clock.GetUtcNow());
        var terms = new SubscriptionTerms(
            body.Schedule.Or(subscription.Schedule),
            body.TimeZone.Or(subscription.TimeZone),
            body.Format.Or(subscription.Format),
            body.Theme.Or(subscription.Theme),
            body.Parameters.IsSet ? MergePatch.Apply(subscription.Parameters, body.Parameters.Value) : subscription.Parameters,
            body.Status.Or(subscription.Status == Subscription.Stopped ? Subscription.Paused : subscription.Status));
        // A patch is valid if what it makes is valid.
        await new SubscriptionTermsValidator(clock).ValidateAndThrowAsync(terms, cancellationToken);
        if (terms.Status == Subscription.Active)
        {
            await CreateSubscriptionHandler.RequireFittingAsync(mediator, subscription.DashboardId, terms, now, cancellationToken);
        }

        subscription.Change(terms, SubscriptionTermsValidator.NextOf(terms, now), now);
        return SubscriptionResponse.From(subscription, db.VersionOf(subscription));
    }
}
