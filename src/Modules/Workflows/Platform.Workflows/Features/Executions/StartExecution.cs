using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.Workflows.Contracts.Commands;
using Platform.Workflows.Domain;
using Platform.Workflows.Persistence;

namespace Platform.Workflows.Features.Executions;

internal sealed class StartExecutionEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{id:guid}/executions", HandleAsync).WithName("StartExecution").WithSummary("Start the published version");

    private static async Task<Accepted<StartedExecution>> HandleAsync(
        Guid id, StartExecutionBody? body, IMediator mediator, CancellationToken cancellationToken)
    {
        var started = await mediator.Send(new StartExecutionCommand(id, body?.Input), cancellationToken);
        return TypedResults.Accepted($"/api/v1/executions/{started.Id}", started);
    }
}

internal sealed record StartExecutionBody(JsonElement? Input = null);

internal sealed class StartExecutionValidator : AbstractValidator<StartExecutionCommand>
{
    private const int MaxInputBytes = 256 * 1024;

    public StartExecutionValidator()
    {
        RuleFor(command => command.Input).Must(input => input is null || input.Value.GetRawText().Length <= MaxInputBytes)
            .WithMessage("'Input' is too large.");
        RuleFor(command => command.Trigger).Must(trigger => trigger is "manual" or "cron" or "webhook" or "event");
        RuleFor(command => command.DedupeKey).Length(1, 200);
    }
}

internal sealed class StartExecutionHandler(WorkflowsDbContext db, TimeProvider clock) : IRequestHandler<StartExecutionCommand, StartedExecution>
{
    private static readonly JsonElement NoInput = JsonSerializer.SerializeToElement(new { });

    public async Task<StartedExecution> Handle(StartExecutionCommand request, CancellationToken cancellationToken)
    {
        var workflow = await db.Workflows.SingleOrDefaultAsync(workflow => workflow.Id == request.WorkflowId, cancellationToken)
            ?? throw new NotFoundException("workflow_not_found", "There is no such workflow.");
        if (request.DedupeKey is { } key && await FindStartedAsync(workflow.Id, key, cancellationToken) is { } started)
        {
            return started;
        }

        switch (workflow.Status)
        {
            case WorkflowStatus.Draft:
                throw new ConflictException("workflow_not_published", "Publish the workflow first.");
            case WorkflowStatus.Paused:
                throw new ConflictException("workflow_paused", "The workflow is paused.");
        }

        var execution = Execution.Create(workflow, request.Input ?? NoInput, request.Trigger, request.DedupeKey, clock.GetUtcNow());
        db.Executions.Add(execution);
        return new StartedExecution(execution.Id, workflow.Id, execution.Status);
    }

    private Task<StartedExecution?> FindStartedAsync(Guid workflowId, string key, CancellationToken cancellationToken) =>
        db.Executions.AsNoTracking()
            .Where(execution => execution.WorkflowId == workflowId && execution.DedupeKey == key)
            .Select(execution => new StartedExecution(execution.Id, execution.WorkflowId, execution.Status))
            .SingleOrDefaultAsync(cancellationToken);
}
