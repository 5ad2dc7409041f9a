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
        Guid id, string key, int? item, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new GetExecutionStepQuery(id, key, item), cancellationToken));
}

/// <summary>A step, or one of its items, without the secrets that it took and gave. Of a step with <c>for_each</c> also how its items stand.</summary>
internal sealed record ExecutionStepResponse(
    string Key, int? Item, string Type, string Status, int Attempts, JsonElement? Input, JsonElement? Output, JsonElement? Error, JsonElement Log,
    DateTimeOffset? StartedAt, DateTimeOffset? CompletedAt, IReadOnlyList<StepItemSummary> Items);

internal sealed record StepItemSummary(int Item, string Status, int Attempts, JsonElement? Error);

internal sealed record GetExecutionStepQuery(Guid ExecutionId, string Key, int? Item) : IQuery<ExecutionStepResponse>;

internal sealed class GetExecutionStepValidator : AbstractValidator<GetExecutionStepQuery>
{
    public GetExecutionStepValidator() => RuleFor(query => query.Key).MaximumLength(120);
}

internal sealed class GetExecutionStepHandler(WorkflowsDbContext db) : IRequestHandler<GetExecutionStepQuery, ExecutionStepResponse>
{
    public async Task<ExecutionStepResponse> Handle(GetExecutionStepQuery request, CancellationToken cancellationToken)
    {
        var steps = db.ExecutionSteps.AsNoTracking().Where(step => step.ExecutionId == request.ExecutionId && step.Key == request.Key);
        var found = await steps
            .Where(step => step.ItemIndex == request.Item)
            .Select(step => new ExecutionStepResponse(
                step.Key, step.ItemIndex, step.Type, step.Status, step.Attempts,
                step.Input ?? db.Payloads.Where(payload => payload.Id == step.InputId).Select(payload => (JsonElement?)payload.Content)
                    .FirstOrDefault(),
                step.Output ?? db.Payloads.Where(payload => payload.Id == step.OutputId).Select(payload => (JsonElement?)payload.Content)
                    .FirstOrDefault(),
                step.Error, step.Log, step.StartedAt, step.CompletedAt,
                steps.Where(item => request.Item == null && item.ItemIndex != null).OrderBy(item => item.ItemIndex)
                    .Select(item => new StepItemSummary(item.ItemIndex!.Value, item.Status, item.Attempts, item.Error))
                    .ToList()))
            .SingleOrDefaultAsync(cancellationToken)
            ?? throw new NotFoundException("execution_step_not_found", "The execution has no such step, or it has not begun.");
        return found with
        {
            Input = SecretMask.Apply(found.Input),
            Output = SecretMask.Apply(found.Output),
            Error = SecretMask.Apply(found.Error),
            Log = SecretMask.Apply(found.Log),
        };
    }
}
