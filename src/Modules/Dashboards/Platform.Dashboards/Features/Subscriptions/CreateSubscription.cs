using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Data;
using Platform.Dashboards.Domain;
using Platform.Dashboards.Domain.Parameters;
using Platform.Dashboards.Persistence;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Dashboards.Features.Subscriptions;

internal sealed class CreateSubscriptionEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{id:guid}/subscriptions", HandleAsync).WithName("CreateSubscription")
            .WithSummary("Get a dashboard that you see by mail, on a schedule");

    private static async Task<Created<SubscriptionResponse>> HandleAsync(
        Guid id, CreateSubscriptionBody body, IMediator mediator, CancellationToken cancellationToken)
    {
        var response = await mediator.Send(new CreateSubscriptionCommand(id, body), cancellationToken);
        return TypedResults.Created($"/api/v1/subscriptions/{response.Id}", response);
    }
}

/// <summary>A new subscription: cron in five fields, and the zone that it counts in.</summary>
internal sealed record CreateSubscriptionBody(
    string Schedule, string TimeZone = "UTC", string Format = "pdf", string Theme = "light", JsonElement? Parameters = null,
    string Status = Subscription.Active)
{
    public SubscriptionTerms Terms => new(Schedule, TimeZone, Format, Theme, Parameters ?? JsonElement.Parse("{}"), Status);
}

internal sealed record CreateSubscriptionCommand(Guid DashboardId, CreateSubscriptionBody Body) : ICommand<SubscriptionResponse>;

internal sealed class CreateSubscriptionValidator : AbstractValidator<CreateSubscriptionCommand>
{
    public CreateSubscriptionValidator(TimeProvider clock) =>
        RuleFor(command => command.Body.Terms).SetValidator(new SubscriptionTermsValidator(clock)).OverridePropertyName("Body");
}

internal sealed class CreateSubscriptionHandler(DashboardsDbContext db, ICurrentCaller caller, IMediator mediator, TimeProvider clock)
    : IRequestHandler<CreateSubscriptionCommand, SubscriptionResponse>
{
    public async Task<SubscriptionResponse> Handle(CreateSubscriptionCommand request, CancellationToken cancellationToken)
    {
        var (now, terms) = (clock.GetUtcNow(), request.Body.Terms);
        await RequireFittingAsync(mediator, request.DashboardId, terms, now, cancellationToken);
        var count = await db.Subscriptions.CountAsync(subscription => subscription.UserId == caller.UserId, cancellationToken);
        RuleViolationException.ThrowIf(
            count >= Subscription.MaxSubscriptions, "too_many_subscriptions", $"A person has at most {Subscription.MaxSubscriptions} subscriptions.");
        var subscription = Subscription.Create(
            request.DashboardId, caller.UserId, terms, SubscriptionTermsValidator.NextOf(terms, now), now);
        db.Subscriptions.Add(subscription);
        return SubscriptionResponse.From(subscription, db.VersionOf(subscription));
    }

    /// <summary>Requires a board that the caller sees, and values that it takes.</summary>
    public static async Task RequireFittingAsync(
        IMediator mediator, Guid dashboardId, SubscriptionTerms terms, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var board = await mediator.Send(new ReadBoardAsksQuery(dashboardId), cancellationToken);
        ViewerValues.Check(
            ParameterDefinitions.Read(board.Config), board.QueryNames, terms.Parameters, null, DateOnly.FromDateTime(now.UtcDateTime));
    }
}
