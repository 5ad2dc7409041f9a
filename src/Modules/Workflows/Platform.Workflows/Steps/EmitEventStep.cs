using System.Text.Json;
using System.Text.Json.Nodes;
using FluentValidation;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Platform.SharedKernel.Messages;
using Platform.Workflows.Domain;
using Platform.Workflows.Firing;

namespace Platform.Workflows.Steps;

/// <summary>Tells of an event that triggers of the same owner can wait for.</summary>
internal sealed class EmitEventStep : IStepType
{
    public string Type => "emit_event";

    public string Title => "Emit an event";

    public bool IsPure => false;

    public IReadOnlyList<StepMember> Members { get; } =
    [
        new("name", "string", "Small letters, digits, '.', '_' and '-'. A trigger waits for custom.<name>.", IsRequired: true),
        new("payload", "any", "What it says, as input.event."),
    ];

    public JsonObject Example => new()
    {
        ["name"] = "orders.imported",
        ["payload"] = new JsonObject { ["count"] = "{{ steps.load.output.row_count }}" },
    };

    public async Task<StepResult> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        var name = context.Text("name");
        if (!EventSources.IsCustom(name))
        {
            return new StepResult.Failed("step_input_invalid", "name is small letters, digits, '.', '_' and '-'.");
        }

        var wire = EventSources.OfCustom(name!);
        var said = JsonSerializer.SerializeToElement(context.With["payload"] ?? new JsonObject());
        var waiting = await context.Services.GetRequiredService<IMediator>().Send(
            new EmitEventCommand(wire, context.IdempotencyId, context.Run.UserId, said, context.Run.Depth + 1), cancellationToken);
        return new StepResult.Completed(new JsonObject
        {
            ["event"] = wire,
            ["event_id"] = context.IdempotencyId.ToString(),
            ["triggers"] = waiting,
        });
    }
}

/// <summary>Keeps an event for the triggers that wait for it. Answers how many do.</summary>
internal sealed record EmitEventCommand(string Name, Guid EventId, Guid Owner, JsonElement Said, int Depth) : ICommand<int>;

internal sealed class EmitEventValidator : AbstractValidator<EmitEventCommand>
{
    public EmitEventValidator() => RuleFor(command => command.Name).NotEmpty().MaximumLength(120);
}

internal sealed class EmitEventHandler(EventFiring firing) : IRequestHandler<EmitEventCommand, int>
{
    public Task<int> Handle(EmitEventCommand request, CancellationToken cancellationToken) =>
        firing.FireAsync(request.Name, request.EventId, request.Owner, request.Said, request.Depth, cancellationToken);
}
