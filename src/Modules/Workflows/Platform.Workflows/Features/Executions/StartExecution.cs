using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.Workflows.Contracts.Commands;
using Platform.Workflows.Domain;
using Platform.Workflows.Engine;

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

internal sealed class StartExecutionHandler(ExecutionStarts starts) : IRequestHandler<StartExecutionCommand, StartedExecution>
{
    private static readonly JsonElement NoInput = JsonSerializer.SerializeToElement(new { });

    public Task<StartedExecution> Handle(StartExecutionCommand request, CancellationToken cancellationToken) =>
        starts.StartAsync(
            request.WorkflowId, new ExecutionCause(request.Trigger, request.Input ?? NoInput, request.DedupeKey), cancellationToken);
}
