using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Platform.SharedKernel.Callers;
using Platform.Workflows.Domain;
using Platform.Workflows.Engine;
using Platform.Workflows.Engine.Store;

namespace Platform.Workflows.Hooks;

/// <summary>
/// Accepts calls of webhooks: those that come together are inserted together. Where this node has room and nobody stands in line, the
/// execution is inserted as claimed and begins at once; its row is durable either way before the caller is answered.
/// </summary>
internal sealed class HookIntake
{
    private const int MostInOneCommit = 64;
    private static readonly Caller System = Caller.System("platform:webhooks");
    private readonly IServiceScopeFactory _scopes;
    private readonly EngineSlots _slots;
    private readonly EngineOptions _options;
    private readonly GroupCommit<HookCall, AcceptedCall> _calls;

    public HookIntake(IServiceScopeFactory scopes, EngineSlots slots, IOptions<EngineOptions> options)
    {
        (_scopes, _slots, _options) = (scopes, slots, options.Value);
        _calls = new GroupCommit<HookCall, AcceptedCall>(AcceptAsync, MostInOneCommit);
    }

    /// <summary>Accepts a call. When it returns with an execution, that is durable.</summary>
    public async Task<AcceptedCall> AcceptAsync(Hook hook, RawJson input, string? dedupeKey, ConcurrencySlot? slot, DateTimeOffset now)
    {
        // What counts against a limit has to stand in line: only there the others are counted.
        var reserved = slot is null && _slots.TryReserve(hook.UserId);
        var call = new HookCall(
            Guid.CreateVersion7(now), hook.TriggerId, hook.WorkflowId, hook.UserId, hook.UpdatedAt, hook.Version, dedupeKey, input, reserved,
            slot?.Key, slot?.Limit, now);
        AcceptedCall accepted;
        try
        {
            accepted = await _calls.WriteAsync(call);
        }
        catch
        {
            GiveBack(hook, reserved);
            throw;
        }

        if (reserved && accepted.Outcome == AcceptedCall.Accepted)
        {
            _slots.Begin(new ClaimedExecution(
                call.Id, hook.UserId, hook.WorkflowId, hook.Version, 1, 1, Trigger.Webhook, 0, input, accepted.CreatedAt!.Value, null, null, null));
        }
        else
        {
            GiveBack(hook, reserved);
        }

        return accepted;
    }

    private void GiveBack(Hook hook, bool reserved)
    {
        if (reserved)
        {
            _slots.Give(hook.UserId);
        }
    }

    private async Task<IReadOnlyList<AcceptedCall>> AcceptAsync(IReadOnlyList<HookCall> calls)
    {
        await using var scope = _scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = System;
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new AcceptHookCallsCommand(calls, _options.Lease), CancellationToken.None);
    }
}
