using System.Text.Json;
using System.Text.Json.Nodes;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Messages;
using Platform.Workflows.Domain;
using Platform.Workflows.Engine;
using Platform.Workflows.Expressions;
using Platform.Workflows.Persistence;
using Platform.Workflows.Steps;

namespace Platform.Workflows.Firing;

/// <summary>Starts what an event that was kept for a trigger is to start, if the trigger's filter lets it. Answers whether it did.</summary>
internal sealed record FireEventCommand(Guid FiringId) : ICommand<bool>;

internal sealed class FireEventHandler(WorkflowsDbContext db, ExecutionStarts starts, TimeProvider clock)
    : IRequestHandler<FireEventCommand, bool>
{
    public async Task<bool> Handle(FireEventCommand request, CancellationToken cancellationToken)
    {
        var firing = await db.TriggerFirings
            .FromSql($"select f.* from workflows.trigger_firings as f where f.id = {request.FiringId} for update skip locked")
            .SingleOrDefaultAsync(cancellationToken);
        if (firing is null)
        {
            return false;
        }

        db.TriggerFirings.Remove(firing);
        var trigger = await db.Triggers.SingleAsync(trigger => trigger.Id == firing.TriggerId, cancellationToken);
        if (!trigger.IsActive)
        {
            return false;
        }

        var (started, error) = await TryAsync(trigger, firing, cancellationToken);
        if (started || error is not null)
        {
            trigger.Fired(clock.GetUtcNow(), null, error);
        }

        return started;
    }

    private async Task<(bool Started, string? Error)> TryAsync(Trigger trigger, TriggerFiring firing, CancellationToken cancellationToken)
    {
        var cause = new JsonObject
        {
            ["event"] = firing.EventName,
            ["event_id"] = firing.EventId.ToString(),
            ["occurred_at"] = firing.OccurredAt.UtcDateTime,
        };
        var input = trigger.InputOf(cause, firing.Payload);
        try
        {
            return IsWanted(trigger, input)
                ? (await starts.StartByTriggerAsync(
                    trigger.WorkflowId,
                    new ExecutionCause(
                        Trigger.Event, input, $"event:{trigger.Id}:{firing.EventId}", Depth: firing.Depth, TriggerId: trigger.Id),
                    cancellationToken), null)
                : (false, null);
        }
        catch (PlatformException exception)
        {
            return (false, $"{exception.Code}: {exception.Message}");
        }
        catch (ExpressionException exception)
        {
            return (false, $"{exception.Code}: {exception.Message}");
        }
    }

    private static bool IsWanted(Trigger trigger, JsonElement input)
    {
        if (trigger.Filter is not { } filter)
        {
            return true;
        }

        using var engine = new ExpressionEngine(ExpressionScope.OfInput(input.GetRawText(), "{}"));
        return Truth.Of(engine.Evaluate(Template.Unwrap(filter)));
    }
}
