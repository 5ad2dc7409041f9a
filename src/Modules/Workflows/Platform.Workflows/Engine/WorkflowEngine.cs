using System.Collections.Concurrent;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Infrastructure.Jobs;
using Platform.Workflows.Definitions;
using Platform.Workflows.Domain;
using Platform.Workflows.Engine.Store;
using Platform.Workflows.Firing;

namespace Platform.Workflows.Engine;

/// <summary>
/// Works the executions of this node: claims those that are due, in their owners' turns, keeps their leases, and stops the work on those
/// that it has lost. Nothing of an execution lives in the process: after a crash another node goes on from what was committed.
/// </summary>
internal sealed class WorkflowEngine : IQueueProcess
{
    private const int MostInOneCommit = 64;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);
    // With a line to work off, slots are filled some at a time and not each by itself.
    private static readonly TimeSpan ClaimPause = TimeSpan.FromMilliseconds(3);
    private static readonly TimeSpan TendInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(10);
    private static readonly Caller System = Caller.System("platform:workflow-engine");

    private readonly IServiceScopeFactory _scopes;
    private readonly StepRunner _runner;
    private readonly VersionCache _versions;
    private readonly EngineOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<WorkflowEngine> _logger;
    private readonly GroupCommit<Progress, bool> _commits;
    private readonly EngineSlots _slots;
    private readonly ExecutionEnds _ends;
    private readonly TriggerClock _triggers;
    private readonly ConcurrentDictionary<Guid, Active> _active = new();

    public WorkflowEngine(
        IServiceScopeFactory scopes, StepRunner runner, VersionCache versions, EngineSlots slots, ExecutionEnds ends,
        TriggerClock triggers, IOptions<EngineOptions> options, TimeProvider clock, ILogger<WorkflowEngine> logger)
    {
        (_scopes, _runner, _versions, _slots, _ends, _triggers) = (scopes, runner, versions, slots, ends, triggers);
        (_options, _clock, _logger) = (options.Value, clock, logger);
        _commits = new GroupCommit<Progress, bool>(CommitAsync, MostInOneCommit);
    }

    private sealed class Active(ClaimedExecution claim, CancellationTokenSource lost, long since)
    {
        public ClaimedExecution Claim => claim;

        public CancellationTokenSource Lost => lost;

        public long Since => since;

        public Task Task { get; set; } = Task.CompletedTask;

        public ExecutionWorker? Worker { get; set; }
    }

    public string Queue => "workflows";

    public async Task RunAsync(IWakeUps wakeUps, CancellationToken stopping)
    {
        using var abandon = new CancellationTokenSource();
        var tending = TendAsync(abandon.Token);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var firing = _triggers.RunAsync(over.Token);
        _slots.Open(claim => Start(claim, stopping, abandon.Token));
        try
        {
            while (!stopping.IsCancellationRequested)
            {
                var wanted = _slots.Free;
                var shares = _slots.Shares;
                var claimed = wanted > 0 ? await ClaimAsync(wanted, shares, stopping) : [];
                foreach (var claim in claimed)
                {
                    _slots.Take(claim.UserId);
                    _ = Start(claim, stopping, abandon.Token);
                }

                _slots.SetLine(claimed.Count == wanted ? null : UsedUp(shares, claimed));
                await WaitAsync(wakeUps, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Draining.
        }
        finally
        {
            // Also where it failed, and is about to be started again.
            _slots.Close();
            await over.CancelAsync();
            await DrainAsync(abandon);
            await tending;
            await firing;
        }
    }

    // The owners who were given all that their share had left: what they have in line may be taken as soon as one of theirs has ended.
    private IEnumerable<Guid> UsedUp(OwnerShare[] shares, IReadOnlyList<ClaimedExecution> claimed)
    {
        var left = shares.ToDictionary(share => share.Owner, share => share.Left);
        foreach (var owner in claimed.Select(claim => claim.UserId))
        {
            left[owner] = left.GetValueOrDefault(owner, _options.PerOwner) - 1;
        }

        return left.Where(owner => owner.Value <= 0).Select(owner => owner.Key);
    }

    private async Task WaitAsync(IWakeUps wakeUps, CancellationToken stopping)
    {
        if (!_slots.HasBacklog)
        {
            await wakeUps.WaitAsync(PollInterval, stopping);
            return;
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await Task.WhenAny(_slots.WaitForGivenAsync(over.Token), wakeUps.WaitAsync(PollInterval, over.Token));
        await over.CancelAsync();
        await Task.Delay(ClaimPause, _clock, stopping);
    }

    public async Task<int> WorkDueAsync(CancellationToken cancellationToken)
    {
        await _triggers.FireDueAsync(cancellationToken);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var tending = TendAsync(ended.Token);
        var claimed = await ClaimAsync(_options.Concurrency, _slots.Shares, cancellationToken);
        await Task.WhenAll(claimed.Select(claim =>
        {
            _slots.Take(claim.UserId);
            return Start(claim, CancellationToken.None, cancellationToken);
        }));
        await ended.CancelAsync();
        await tending;
        return claimed.Count;
    }

    private Task<IReadOnlyList<ClaimedExecution>> ClaimAsync(int most, OwnerShare[] shares, CancellationToken cancellationToken) =>
        SendAsync(
            new ClaimExecutionsCommand(Math.Min(most, _options.Concurrency), _options.PerOwner, _options.Lease, shares), cancellationToken);

    private Task Start(ClaimedExecution claim, CancellationToken draining, CancellationToken abandon)
    {
        var lost = CancellationTokenSource.CreateLinkedTokenSource(abandon);
        var begin = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var active = new Active(claim, lost, _clock.GetTimestamp());
        active.Task = WorkAsync(active, begin.Task, draining);
        _active[claim.Id] = active;
        begin.SetResult();
        return active.Task;
    }

    private async Task WorkAsync(Active active, Task begin, CancellationToken draining)
    {
        await begin;
        try
        {
            await WorkAsync(active, draining);
        }
        catch (OperationCanceledException) when (active.Lost.IsCancellationRequested)
        {
            // Lost to another node or stopped: whatever it had not committed is void.
        }
        catch (Exception exception)
        {
            _logger.ExecutionFailed(exception, active.Claim.Id, active.Claim.Attempts);
            await AfterFailureAsync(active.Claim);
        }
        finally
        {
            _active.TryRemove(active.Claim.Id, out _);
            active.Lost.Dispose();
            _slots.Give(active.Claim.UserId);
        }
    }

    private async Task WorkAsync(Active active, CancellationToken draining)
    {
        var claim = active.Claim;
        if (await _versions.FindAsync(claim.UserId, claim.WorkflowId, claim.Version, active.Lost.Token) is not { } version)
        {
            // The workflow was deleted, and the execution with it.
            return;
        }

        active.Worker = new ExecutionWorker(new ExecutionRun(claim, version, _clock), _runner, _commits, draining);
        await active.Worker.RunAsync(active.Lost.Token);
    }

    private async Task AfterFailureAsync(ClaimedExecution claim)
    {
        try
        {
            if (claim.Attempts < ClaimedExecution.MaxAttempts)
            {
                var ceiling = Math.Min(LongestBackOff.TotalSeconds, Math.Pow(2, claim.Attempts));
                await SendAsync(
                    new PutBackExecutionCommand(claim.Id, claim.Fence, TimeSpan.FromSeconds(0.5 + (Random.Shared.NextDouble() * ceiling))),
                    CancellationToken.None);
                return;
            }

            const string Message = "The execution failed too often on our side.";
            var now = _clock.GetUtcNow();
            await _commits.WriteAsync(new Progress(
                new ExecutionState(
                    claim.Id, claim.UserId, claim.WorkflowId, claim.Fence, ExecutionStatus.Failed, claim.StartedAt ?? now, now,
                    ErrorCode: "execution_given_up", Error: Message, DeadLetteredAt: now),
                [],
                [new ExecutionEvent(
                    claim.Id, claim.UserId, "execution.finished",
                    RawJson.Of(new { status = ExecutionStatus.Failed, error_code = "execution_given_up", error = Message }), Final: true)],
                []));
        }
        catch (Exception exception)
        {
            // The row keeps its lease until it runs out, and is then claimed again.
            _logger.ExecutionFailed(exception, claim.Id, claim.Attempts);
        }
    }

    // Short executions are over before anybody has to look after them.
    private async Task TendAsync(CancellationToken cancellationToken)
    {
        var prolonged = _clock.GetTimestamp();
        try
        {
            while (true)
            {
                await Task.Delay(TendInterval, _clock, cancellationToken);
                var isTime = _clock.GetElapsedTime(prolonged) > _options.Lease / 3;
                var old = _active.Values.Where(active => isTime || _clock.GetElapsedTime(active.Since) > TendInterval).ToList();
                if (isTime)
                {
                    prolonged = _clock.GetTimestamp();
                }

                if (old.Count > 0)
                {
                    await TendAsync(old, isTime ? _options.Lease : null, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The node goes down.
        }
    }

    private async Task TendAsync(List<Active> old, TimeSpan? prolong, CancellationToken cancellationToken)
    {
        try
        {
            var held = (await SendAsync(new TendExecutionsCommand([.. old.Select(active => (active.Claim.Id, active.Claim.Fence))], prolong), cancellationToken))
                .ToDictionary(tended => tended.Id);
            foreach (var active in old.Where(active => _active.ContainsKey(active.Claim.Id)))
            {
                if (!held.TryGetValue(active.Claim.Id, out var tended))
                {
                    await StopAsync(active.Claim.Id);
                }
                else if (tended.Signals is { Count: > 0 } signals)
                {
                    active.Worker?.Deliver(signals);
                }
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            _logger.TendingFailed(exception);
        }
    }

    /// <summary>Stops the work on an execution that this node has lost, or that somebody stopped.</summary>
    public async Task StopAsync(Guid executionId)
    {
        if (_active.TryGetValue(executionId, out var active))
        {
            try
            {
                await active.Lost.CancelAsync();
            }
            catch (ObjectDisposedException)
            {
                // It has just ended by itself.
            }
        }
    }

    private async Task DrainAsync(CancellationTokenSource abandon)
    {
        var all = Task.WhenAll(_active.Values.Select(active => active.Task));
        await Task.WhenAny(all, Task.Delay(DrainTime, _clock));
        await abandon.CancelAsync();
        await all;
    }

    private async Task<IReadOnlyList<bool>> CommitAsync(IReadOnlyList<Progress> items)
    {
        var held = await SendAsync(new CommitProgressCommand(items), CancellationToken.None);
        foreach (var item in items.Where(item => ExecutionStatus.IsFinal(item.Execution.Status) && held.Contains(item.Execution.Id)))
        {
            EngineTelemetry.ExecutionEnded(item.Execution);
            _ends.Tell(item.Execution.Id);
        }

        return [.. items.Select(item => held.Contains(item.Execution.Id))];
    }

    private async Task<T> SendAsync<T>(IRequest<T> request, CancellationToken cancellationToken)
    {
        await using var scope = _scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = System;
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(request, cancellationToken);
    }
}
