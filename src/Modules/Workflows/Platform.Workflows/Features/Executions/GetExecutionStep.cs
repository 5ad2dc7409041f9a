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
using Platform.SharedKernel.Messages;
using Platform.Workflows.Persistence;

namespace Platform.Workflows.Features.Executions;

internal sealed class GetExecutionStepEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}/steps/{key}", HandleAsync).WithName("GetExecutionStep").WithSummary("Read a step: input, output, attempts");

    private static async Task<Ok<ExecutionStepResponse>> HandleAsync(
        Guid id, string key, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new GetExecutionStepQuery(id, key), cancellationToken));
}

internal sealed record ExecutionStepResponse(
    string Key, string Type, string Status, int Attempts, JsonElement? Input, JsonElement? Output, JsonElement? Error, JsonElement Log,
    DateTimeOffset? StartedAt, DateTimeOffset? CompletedAt);

internal sealed record GetExecutionStepQuery(Guid ExecutionId, string Key) : IQuery<ExecutionStepResponse>;

internal sealed class GetExecutionStepValidator : AbstractValidator<GetExecutionStepQuery>
{
    public GetExecutionStepValidator() => RuleFor(query => query.Key).MaximumLength(120);
}

internal sealed class GetExecutionStepHandler(WorkflowsDbContext db) : IRequestHandler<GetExecutionStepQuery, ExecutionStepResponse>
{
    public async Task<ExecutionStepResponse> Handle(GetExecutionStepQuery request, CancellationToken cancellationToken) =>
        await db.ExecutionSteps.AsNoTracking()
            .Where(step => step.ExecutionId == request.ExecutionId && step.Key == request.Key && step.ItemIndex == null)
            .Select(step => new ExecutionStepResponse(
                step.Key, step.Type, step.Status, step.Attempts, step.Input, step.Output, step.Error, step.Log, step.StartedAt, step.CompletedAt))
            .SingleOrDefaultAsync(cancellationToken)
        ?? throw new NotFoundException("execution_step_not_found", "The execution has no such step, or it has not begun.");
}
