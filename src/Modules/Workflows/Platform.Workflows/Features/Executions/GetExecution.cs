using System.Text.Json;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.SharedKernel.Paging;
using Platform.Workflows.Persistence;

namespace Platform.Workflows.Features.Executions;

internal sealed class GetExecutionEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}", HandleAsync).WithName("GetExecution").WithSummary("Read an execution with its steps");

    private static async Task<Ok<ExecutionResponse>> HandleAsync(Guid id, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new GetExecutionQuery(id), cancellationToken));
}

internal sealed record ExecutionStepSummary(
    string Key, string Type, string Status, int Attempts, JsonElement? Error, DateTimeOffset? StartedAt, DateTimeOffset? CompletedAt);

internal sealed record ExecutionResponse(
    Guid Id,
    Guid WorkflowId,
    int WorkflowVersion,
    string Trigger,
    string Status,
    JsonElement ExecutionData,
    JsonElement? Results,
    string? ErrorCode,
    string? Error,
    DateTimeOffset CreatedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? CompletedAt,
    IReadOnlyList<ExecutionStepSummary> Steps) : VersionedResponse;

internal sealed record GetExecutionQuery(Guid Id) : IQuery<ExecutionResponse>;

internal sealed class GetExecutionHandler(WorkflowsDbContext db) : IRequestHandler<GetExecutionQuery, ExecutionResponse>
{
    public async Task<ExecutionResponse> Handle(GetExecutionQuery request, CancellationToken cancellationToken)
    {
        var found = await db.Executions.AsNoTracking()
            .Where(execution => execution.Id == request.Id)
            .Select(execution => new ExecutionResponse(
                execution.Id, execution.WorkflowId, execution.Version, execution.Trigger, execution.Status, execution.ExecutionData,
                execution.Results ?? db.Payloads.Where(payload => payload.Id == execution.ResultsId).Select(payload => (JsonElement?)payload.Content)
                    .FirstOrDefault(),
                execution.ErrorCode, execution.Error, execution.CreatedAt, execution.StartedAt, execution.CompletedAt,
                db.ExecutionSteps.Where(step => step.ExecutionId == execution.Id && step.ItemIndex == null).OrderBy(step => step.Id)
                    .Select(step => new ExecutionStepSummary(
                        step.Key, step.Type, step.Status, step.Attempts, step.Error, step.StartedAt, step.CompletedAt))
                    .ToList())
            { Version = new RowVersion(EF.Property<uint>(execution, "xmin")) })
            .SingleOrDefaultAsync(cancellationToken)
            ?? throw new NotFoundException("execution_not_found", "There is no such execution.");
        return found with { ExecutionData = SecretMask.Apply(found.ExecutionData) };
    }
}
