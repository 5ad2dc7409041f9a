using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Identity.Contracts.Queries;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Encryption;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.Workflows.Domain;
using Platform.Workflows.Expressions;
using Platform.Workflows.Hooks;
using Platform.Workflows.Persistence;

namespace Platform.Workflows.Features.Triggers;

internal sealed class CreateTriggerEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{id:guid}/triggers", HandleAsync).WithName("CreateTrigger").WithSummary("Let something start a workflow");

    private static async Task<Created<TriggerResponse>> HandleAsync(
        Guid id, CreateTriggerBody body, IMediator mediator, CancellationToken cancellationToken)
    {
        var trigger = await mediator.Send(new CreateTriggerCommand(id, body), cancellationToken);
        return TypedResults.Created($"/api/v1/workflows/{id}/triggers", trigger);
    }
}

/// <summary>What starts a workflow: a webhook, times, or an event. The members of the other types are left out.</summary>
/// <param name="Type"><c>webhook</c>, <c>cron</c> or <c>event</c>.</param>
/// <param name="Signed">Of a webhook: whether a secret is made that its calls are signed with.</param>
/// <param name="Secret">Of a webhook: a secret of the caller's that its calls are signed with.</param>
/// <param name="Schedule">Of cron: minute, hour, day of month, month, day of week; or a name as <c>@daily</c>.</param>
/// <param name="TimeZone">Of cron: whose clock, by its IANA name; UTC if left out.</param>
/// <param name="Misfire">Of cron: <c>skip</c>, <c>once</c> or <c>all</c> of the ticks that nobody was there to run; <c>once</c> if left out.</param>
/// <param name="Event">Of an event: its name on the wire.</param>
/// <param name="Filter">Of an event: an expression over <c>input.event</c>; it starts the workflow where it holds.</param>
/// <param name="Input">Of cron and an event: members of the execution's <c>input</c>, beside <c>trigger</c> and <c>event</c>.</param>
internal sealed record CreateTriggerBody(
    string Type, bool Signed = false, string? Secret = null, string? Schedule = null, string? TimeZone = null, string? Misfire = null,
    string? Event = null, string? Filter = null, JsonElement? Input = null);

internal sealed record CreateTriggerCommand(Guid WorkflowId, CreateTriggerBody Body) : ICommand<TriggerResponse>;

internal sealed class CreateTriggerValidator : AbstractValidator<CreateTriggerCommand>
{
    private const int MaxInputLength = 32 * 1024;

    public CreateTriggerValidator()
    {
        RuleFor(command => command.Body.Type).Must(type => type is Trigger.Webhook or Trigger.Cron or Trigger.Event)
            .WithMessage("Must be webhook, cron or event.");
        RuleFor(command => command.Body.Secret).Length(16, 200);
        RuleFor(command => command.Body).Must(body => body is { Secret: null, Signed: false }).When(IsNot(Trigger.Webhook))
            .WithMessage("Only a webhook is signed.");
        RuleFor(command => command.Body).Must(body => body is { Schedule: null, TimeZone: null, Misfire: null }).When(IsNot(Trigger.Cron))
            .WithMessage("Only a trigger of type cron has a schedule.");
        RuleFor(command => command.Body).Must(body => body is { Event: null, Filter: null }).When(IsNot(Trigger.Event))
            .WithMessage("Only a trigger of type event has an event and a filter.");
        RuleFor(command => command.Body.Input).Must(input => input is null or { ValueKind: JsonValueKind.Object })
            .WithMessage("'Input' must be an object.")
            .Must(input => input is null || input.Value.GetRawText().Length <= MaxInputLength).WithMessage("'Input' is too large.")
            .Must((command, input) => input is null || command.Body.Type != Trigger.Webhook).WithMessage("A webhook's input is its call.");
        RuleFor(command => command.Body.TimeZone).MaximumLength(120)
            .Must(zone => zone is null || CronSchedule.TryRead("* * * * *", zone) is not null).WithMessage("There is no such time zone.");
        RuleFor(command => command.Body.Schedule).MaximumLength(120)
            .Must(schedule => CronSchedule.TryRead(schedule, null) is not null).When(Is(Trigger.Cron))
            .WithMessage("Must be five fields: minute, hour, day of month, month, day of week.");
        RuleFor(command => command.Body.Misfire).Must(name => MisfirePolicies.Find(name) is not null).WithMessage("Must be skip, once or all.");
        RuleFor(command => command.Body.Event).MaximumLength(120).Must(EventSources.IsKnown).When(Is(Trigger.Event))
            .WithMessage("There is no such event.");
        RuleFor(command => command.Body.Filter)
            .Must(filter => filter is null || ExpressionEngine.SyntaxFaultOf(Template.Unwrap(filter)) is null)
            .WithMessage("The filter is not an expression.");
    }

    private static Func<CreateTriggerCommand, bool> Is(string type) => command => command.Body.Type == type;

    private static Func<CreateTriggerCommand, bool> IsNot(string type) => command => command.Body.Type != type;
}

internal sealed class CreateTriggerHandler(WorkflowsDbContext db, IMediator mediator, EnvelopeCipher cipher, TimeProvider clock)
    : IRequestHandler<CreateTriggerCommand, TriggerResponse>
{
    private const int MostTriggers = 50;

    public async Task<TriggerResponse> Handle(CreateTriggerCommand request, CancellationToken cancellationToken)
    {
        var workflow = await db.Workflows.AsNoTracking().SingleOrDefaultAsync(workflow => workflow.Id == request.WorkflowId, cancellationToken)
            ?? throw new NotFoundException("workflow_not_found", "There is no such workflow.");
        var count = await db.Triggers.CountAsync(trigger => trigger.WorkflowId == workflow.Id, cancellationToken);
        RuleViolationException.ThrowIf(count >= MostTriggers, "too_many_triggers", $"A workflow has at most {MostTriggers} triggers.");

        return request.Body.Type switch
        {
            Trigger.Cron => AddCron(workflow, request.Body),
            Trigger.Event => AddEvent(workflow, request.Body),
            _ => await AddWebhookAsync(workflow, request.Body, cancellationToken),
        };
    }

    private TriggerResponse AddCron(Workflow workflow, CreateTriggerBody body)
    {
        var trigger = Trigger.OfCron(
            workflow, ConfigOf(("schedule", body.Schedule), ("time_zone", body.TimeZone), ("misfire", body.Misfire), ("input", body.Input)),
            clock.GetUtcNow());
        RuleViolationException.ThrowIf(
            trigger.NextFireAt is null, "schedule_never_due", "$.schedule", "The schedule never comes due.");
        db.Triggers.Add(trigger);
        return TriggerResponse.Of(trigger);
    }

    private TriggerResponse AddEvent(Workflow workflow, CreateTriggerBody body)
    {
        var trigger = Trigger.OfEvent(workflow, body.Event!, ConfigOf(("filter", body.Filter), ("input", body.Input)), clock.GetUtcNow());
        db.Triggers.Add(trigger);
        return TriggerResponse.Of(trigger);
    }

    private async Task<TriggerResponse> AddWebhookAsync(Workflow workflow, CreateTriggerBody body, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var token = HookSecrets.NewToken();
        var secret = body.Secret ?? (body.Signed ? StandardWebhooks.NewSecret() : null);
        var trigger = Trigger.OfWebhook(id, workflow, HookSecrets.HashOf(token), await SealAsync(id, secret, cancellationToken), now);
        db.Triggers.Add(trigger);
        return TriggerResponse.Of(trigger) with
        {
            Token = token,
            Path = $"/api/v1/hooks/{token}",
            Secret = body.Secret is null ? secret : null,
        };
    }

    private static JsonElement ConfigOf(params (string Name, object? Value)[] members) => JsonSerializer.SerializeToElement(
        members.Where(member => member.Value is not null).ToDictionary(member => member.Name, member => member.Value));

    private async Task<JsonElement?> SealAsync(Guid triggerId, string? secret, CancellationToken cancellationToken) =>
        secret is null ? null : HookSecrets.Seal(cipher, await mediator.Send(new GetUserDataKeyQuery(), cancellationToken), triggerId, secret);
}
