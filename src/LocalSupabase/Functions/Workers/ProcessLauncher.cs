using System.Collections.Concurrent;
using System.Diagnostics;

namespace Platform.LocalSupabase.Functions.Workers;

/// <summary>
/// Starts processes on one thread that lives as long as the host: Linux ties "die with the parent" to the thread that made the child,
/// and threads of the pool come and go.
/// </summary>
internal sealed class ProcessLauncher : IDisposable
{
    private readonly BlockingCollection<(ProcessStartInfo Start, TaskCompletionSource<Process> Started)> _orders = [];

    public ProcessLauncher() => new Thread(Work) { IsBackground = true, Name = "function launcher" }.Start();

    public Task<Process> StartAsync(ProcessStartInfo start)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        _orders.Add((start, started));
        return started.Task;
    }

    public void Dispose() => _orders.CompleteAdding();

    private void Work()
    {
        foreach (var (start, started) in _orders.GetConsumingEnumerable())
        {
            try
            {
                started.SetResult(Process.Start(start) ?? throw new InvalidOperationException("No process was started."));
            }
            catch (Exception exception)
            {
                started.SetException(exception);
            }
        }

        _orders.Dispose();
    }
}
