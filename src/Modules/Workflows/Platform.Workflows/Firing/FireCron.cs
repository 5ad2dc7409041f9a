using System.Globalization;
using System.Text.Json.Nodes;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Messages;
using Platform.Workflows.Domain;
using Platform.Workflows.Engine;
using Platform.Workflows.Persistence;

namespace Platform.Workflows.Firing;

/// <summary>Runs the ticks of a trigger that are due. Answers how many executions it started.</summary>
internal sealed record FireCronCommand(Guid TriggerId, DateTimeOffset Now) : ICommand<int>;

internal sealed class FireCronHandler(WorkflowsDbContext db, ExecutionStarts starts) : IRequestHandler<FireCronCommand, int>
{
    public async Task<int> Handle(FireCronCommand request, CancellationToken cancellationToken)
    {
        var trigger = await db.Triggers
            .FromSql($"select t.* from workflows.triggers as t where t.id = {request.TriggerId} for update skip locked")
            .SingleOrDefaultAsync(cancellationToken);
        if (trigger is not { IsActive: true, NextFireAt: { } due, Schedule: { } schedule } || due > request.Now)
        {
            return 0;
        }

        var (ticks, next) = schedule.Due(due, request.Now, trigger.Misfire);
        string? error = null;
        var started = 0;
        foreach (var tick in ticks)
        {
            try
            {
                started += await StartAsync(trigger, tick, cancellationToken) ? 1 : 0;
            }
            catch (PlatformException exception)
            {
                error = $"{exception.Code}: {exception.Message}";
            }
        }

        trigger.Fired(request.Now, next, error);
        return started;
    }

    private async Task<bool> StartAsync(Trigger trigger, DateTimeOffset tick, CancellationToken cancellationToken)
    {
        var at = tick.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var input = trigger.InputOf(new JsonObject { ["scheduled_at"] = at }, null);
        return await starts.StartByTriggerAsync(
            trigger.WorkflowId, new ExecutionCause(Trigger.Cron, input, $"cron:{trigger.Id}:{at}", TriggerId: trigger.Id), cancellationToken);
    }
}
