using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Json;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.Workflows.Domain;
using Platform.Workflows.Persistence;
using Platform.Workflows.Steps;

namespace Platform.Workflows.Features.Executions;

internal sealed class DecideApprovalEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{id:guid}/approvals/{step}", HandleAsync).WithName("DecideApproval").WithSummary("Approve or decline what a step asks");

    private static async Task<Accepted> HandleAsync(
        Guid id, string step, DecideApprovalBody body, IMediator mediator, CancellationToken cancellationToken)
    {
        await mediator.Send(new DecideApprovalCommand(id, step, body.Item, body.Approve, body.Comment), cancellationToken);
        return TypedResults.Accepted($"/api/v1/executions/{id}");
    }
}

/// <summary>A decision. The item is asked for where the step is one with <c>for_each</c>.</summary>
internal sealed record DecideApprovalBody(bool Approve, string? Comment = null, int? Item = null);

internal sealed record DecideApprovalCommand(Guid ExecutionId, string Step, int? Item, bool Approve, string? Comment) : ICommand;

internal sealed class DecideApprovalValidator : AbstractValidator<DecideApprovalCommand>
{
    public DecideApprovalValidator()
    {
        RuleFor(command => command.Step).MaximumLength(120);
        RuleFor(command => command.Comment).MaximumLength(2000);
        RuleFor(command => command.Item).GreaterThanOrEqualTo(0);
    }
}

internal sealed class DecideApprovalHandler(WorkflowsDbContext db, ICurrentCaller caller, TimeProvider clock) : AsyncRequestHandler<DecideApprovalCommand>
{
    protected override async Task Handle(DecideApprovalCommand request, CancellationToken cancellationToken)
    {
        var execution = await db.LockExecutionAsync(request.ExecutionId, cancellationToken);
        var name = SignalNames.OfApproval(request.Step, request.Item);
        var isAsked = await db.ExecutionSteps.AnyAsync(
            step => step.ExecutionId == execution.Id && step.Key == request.Step && step.ItemIndex == request.Item
                && step.Status == StepStatus.Waiting && step.WaitsFor == name,
            cancellationToken);
        // One decision counts: a second one would answer a question that nobody has asked yet.
        var isDecided = await db.Signals.AnyAsync(
            signal => signal.ExecutionId == execution.Id && signal.Name == name && signal.ConsumedAt == null, cancellationToken);
        ConflictException.ThrowIf(!isAsked || isDecided, "approval_not_pending", "The step does not wait for a decision.");
        var decision = JsonSerializer.SerializeToElement(
            new { approved = request.Approve, by = caller.UserId, comment = request.Comment }, PlatformJson.Options);
        db.Signals.Add(ExecutionSignal.Create(execution, name, decision, clock.GetUtcNow()));
    }
}
