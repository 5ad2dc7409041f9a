using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.Workflows.Domain;
using Platform.Workflows.Persistence;
using Platform.Workflows.Steps;

namespace Platform.Workflows.Features.Executions;

internal sealed class SignalExecutionEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{id:guid}/signals/{name}", HandleAsync).WithName("SignalExecution")
            .WithSummary("Tell an execution something, whether a step waits for it already or not");

    private static async Task<Accepted> HandleAsync(
        Guid id, string name, SignalExecutionBody? body, IMediator mediator, CancellationToken cancellationToken)
    {
        await mediator.Send(new SignalExecutionCommand(id, name, body?.Payload), cancellationToken);
        return TypedResults.Accepted($"/api/v1/executions/{id}");
    }
}

internal sealed record SignalExecutionBody(JsonElement? Payload = null);

internal sealed record SignalExecutionCommand(Guid ExecutionId, string Name, JsonElement? Payload) : ICommand;

internal sealed class SignalExecutionValidator : AbstractValidator<SignalExecutionCommand>
{
    private const int MaxPayloadLength = 64 * 1024;

    public SignalExecutionValidator()
    {
        RuleFor(command => command.Name).Must(SignalNames.IsValid).WithMessage("A name is letters, digits, '.', '_' and '-', at most 100.");
        RuleFor(command => command.Payload).Must(payload => payload is null || payload.Value.GetRawText().Length <= MaxPayloadLength)
            .WithMessage($"'Payload' is at most {MaxPayloadLength} characters of JSON.");
    }
}

internal sealed class SignalExecutionHandler(WorkflowsDbContext db, TimeProvider clock) : AsyncRequestHandler<SignalExecutionCommand>
{
    protected override async Task Handle(SignalExecutionCommand request, CancellationToken cancellationToken)
    {
        var execution = await db.LockExecutionAsync(request.ExecutionId, cancellationToken);
        ConflictException.ThrowIf(execution.IsFinal, "execution_has_ended", "The execution has ended already.");
        db.Signals.Add(ExecutionSignal.Create(execution, SignalNames.OfUser(request.Name), request.Payload, clock.GetUtcNow()));
    }
}
