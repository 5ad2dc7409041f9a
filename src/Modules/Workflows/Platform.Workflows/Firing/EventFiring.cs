using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Platform.SharedKernel.Infrastructure.Json;
using Platform.Workflows.Persistence;
using Platform.Workflows.Steps;

namespace Platform.Workflows.Firing;

/// <summary>Keeps events for the triggers that wait for them, in the transaction of the command or reaction that tells of them.</summary>
internal sealed class EventFiring(WorkflowsDbContext db)
{
    /// <summary>Keeps an event.</summary>
    /// <param name="name">Its name on the wire.</param>
    /// <param name="eventId">Its id: the same event again changes nothing.</param>
    /// <param name="owner">Whose triggers wait for it.</param>
    /// <param name="said">What it says.</param>
    /// <param name="depth">How many executions led to it one after the other.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>How many triggers wait for it.</returns>
    public async Task<int> FireAsync(
        string name, Guid eventId, Guid owner, object? said, int depth, CancellationToken cancellationToken)
    {
        var payload = JsonSerializer.Serialize(said, PlatformJson.Options);
        return (await db.Database
            .SqlQuery<int>($"select workflows.fire_event({name}, {eventId}, {owner}, {payload}::jsonb, {depth}) as \"Value\"")
            .ToListAsync(cancellationToken))[0];
    }

    /// <summary>The id of an event that happens to the same thing many times: each time is an occasion of its own, however often it is told.</summary>
    public static Guid OccasionOf(Guid thing, DateTimeOffset at) =>
        new(SHA256.HashData(Encoding.ASCII.GetBytes($"{thing:N}:{at.UtcTicks}")).AsSpan(0, 16));

    /// <summary>Tells the steps that wait for a signal of this name.</summary>
    public Task<int> WakeAsync(string name, Guid owner, object said, CancellationToken cancellationToken)
    {
        var payload = JsonSerializer.Serialize(said, PlatformJson.Options);
        return db.Database.ExecuteSqlAsync($"select workflows.signal_waiting({name}, {owner}, {payload}::jsonb)", cancellationToken);
    }

    /// <summary>How deep an event lies that an execution has brought about; 0 where none has.</summary>
    public async Task<int> DepthAfterAsync(Guid? executionId, CancellationToken cancellationToken) =>
        executionId is null
            ? 0
            : await db.Executions.AsNoTracking().Where(execution => execution.Id == executionId)
                .Select(execution => execution.Depth + 1).SingleOrDefaultAsync(cancellationToken);

    /// <summary>How deep the end of a sync lies: it may be a workflow's that waits for it.</summary>
    public async Task<int> DepthAfterSyncAsync(Guid syncId, CancellationToken cancellationToken)
    {
        var name = SignalNames.OfSync(syncId);
        return await db.ExecutionSteps.AsNoTracking().Where(step => step.WaitsFor == name)
            .Join(db.Executions, step => step.ExecutionId, execution => execution.Id, (_, execution) => execution.Depth + 1)
            .FirstOrDefaultAsync(cancellationToken);
    }
}
