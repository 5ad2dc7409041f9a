using System.Threading.Channels;

namespace Platform.Workflows.Engine;

/// <summary>
/// Writes what many have to write in few transactions: whatever comes while one is being committed goes into the next. Alone, one waits
/// for nothing.
/// </summary>
/// <typeparam name="TItem">What one writes.</typeparam>
/// <typeparam name="TAnswer">What one is told.</typeparam>
/// <param name="write">Commits a batch; answers in its order.</param>
/// <param name="most">The most in one transaction.</param>
internal sealed class GroupCommit<TItem, TAnswer>(Func<IReadOnlyList<TItem>, Task<IReadOnlyList<TAnswer>>> write, int most)
{
    private readonly Channel<Waiting> _waiting = Channel.CreateUnbounded<Waiting>();
    private int _isWriting;

    private sealed record Waiting(TItem Item, TaskCompletionSource<TAnswer> Answer);

    /// <summary>Writes an item. When it returns, the item is committed.</summary>
    /// <param name="item">What to write.</param>
    /// <returns>The answer to it.</returns>
    public Task<TAnswer> WriteAsync(TItem item)
    {
        var answer = new TaskCompletionSource<TAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Writer.TryWrite(new Waiting(item, answer));
        StartWriting();
        return answer.Task;
    }

    private void StartWriting()
    {
        if (Interlocked.CompareExchange(ref _isWriting, 1, 0) == 0)
        {
            _ = Task.Run(WriteAllAsync);
        }
    }

    private async Task WriteAllAsync()
    {
        var batch = new List<Waiting>();
        do
        {
            while (_waiting.Reader.TryRead(out var first))
            {
                batch.Add(first);
                while (batch.Count < most && _waiting.Reader.TryRead(out var next))
                {
                    batch.Add(next);
                }

                await WriteBatchAsync(batch);
                batch.Clear();
            }

            Volatile.Write(ref _isWriting, 0);
        }
        while (_waiting.Reader.TryPeek(out _) && Interlocked.CompareExchange(ref _isWriting, 1, 0) == 0);
    }

    private async Task WriteBatchAsync(List<Waiting> batch)
    {
        try
        {
            var answers = await write([.. batch.Select(waiting => waiting.Item)]);
            for (var index = 0; index < batch.Count; index++)
            {
                batch[index].Answer.SetResult(answers[index]);
            }
        }
        catch (Exception) when (batch.Count > 1)
        {
            // One of them may be at fault: each by itself, so that the others do not pay for it.
            foreach (var waiting in batch)
            {
                await WriteBatchAsync([waiting]);
            }
        }
        catch (Exception exception)
        {
            batch[0].Answer.SetException(exception);
        }
    }
}
