using System.Collections.Concurrent;

namespace Platform.Workflows.Engine;

/// <summary>Wakes those who wait on this node for the end of an execution. Ends on other nodes are seen by looking.</summary>
internal sealed class ExecutionEnds
{
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource> _waiting = new();

    /// <summary>Waits for the end, or for a time.</summary>
    public async Task WaitAsync(Guid executionId, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var end = _waiting.GetOrAdd(executionId, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        try
        {
            await end.Task.WaitAsync(timeout, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The caller looks, and waits again.
        }
        finally
        {
            _waiting.TryRemove(executionId, out _);
        }
    }

    public void Tell(Guid executionId)
    {
        if (_waiting.TryGetValue(executionId, out var end))
        {
            end.TrySetResult();
        }
    }
}
