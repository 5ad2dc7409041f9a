using System.Collections.Concurrent;

namespace Platform.Workflows.Expressions;

/// <summary>
/// Threads with a stack that is deeper than anything that an expression can nest within its bounds. The interpreter follows values by
/// recursion, and a stack that overflows ends the process.
/// </summary>
internal static class DeepStack
{
    // Only what is used of it is ever backed by memory.
    private const int StackBytes = 1024 * 1024 * 1024;
    private static readonly BlockingCollection<Action> Work = [];
    private static readonly Lazy<bool> Started = new(Start);

    /// <summary>Does something there, and waits for it.</summary>
    /// <typeparam name="T">What it gives.</typeparam>
    /// <param name="work">What is done; what it throws is thrown here.</param>
    /// <returns>What it gives.</returns>
    public static T Run<T>(Func<T> work)
    {
        _ = Started.Value;
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Work.Add(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        });
        return done.Task.GetAwaiter().GetResult();
    }

    private static bool Start()
    {
        for (var number = 0; number < Math.Max(2, Environment.ProcessorCount); number++)
        {
            new Thread(RunAll, StackBytes) { IsBackground = true, Name = $"expressions {number}" }.Start();
        }

        return true;
    }

    private static void RunAll()
    {
        foreach (var work in Work.GetConsumingEnumerable())
        {
            work();
        }
    }
}
