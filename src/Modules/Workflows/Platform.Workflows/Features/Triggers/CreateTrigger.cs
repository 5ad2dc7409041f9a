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
        var trigger = await mediator.Send(new CreateTriggerCommand(id, body.Type, body.Signed, body.Secret), cancellationToken);
        return TypedResults.Created($"/api/v1/workflows/{id}/triggers", trigger);
    }
}

/// <summary>A webhook: signed with a secret that is given, with one that is made, or not signed.</summary>
internal sealed record CreateTriggerBody(string Type, bool Signed = false, string? Secret = null);

internal sealed record CreateTriggerCommand(Guid WorkflowId, string Type, bool Signed, string? Secret) : ICommand<TriggerResponse>;

internal sealed class CreateTriggerValidator : AbstractValidator<CreateTriggerCommand>
{
    public CreateTriggerValidator()
    {
        RuleFor(command => command.Type).Must(type => type is Trigger.Webhook).WithMessage("Must be webhook.");
        RuleFor(command => command.Secret).Length(16, 200);
    }
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

        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var token = HookSecrets.NewToken();
        var secret = request.Secret ?? (request.Signed ? HookSecrets.NewSecret() : null);
        var trigger = Trigger.OfWebhook(id, workflow, HookSecrets.HashOf(token), await SealAsync(id, secret, cancellationToken), now);
        db.Triggers.Add(trigger);
        return TriggerResponse.Of(trigger) with
        {
            Token = token,
            Path = $"/api/v1/hooks/{token}",
            Secret = request.Secret is null ? secret : null,
        };
    }

    private async Task<JsonElement?> SealAsync(Guid triggerId, string? secret, CancellationToken cancellationToken) =>
        secret is null ? null : HookSecrets.Seal(cipher, await mediator.Send(new GetUserDataKeyQuery(), cancellationToken), triggerId, secret);
}
