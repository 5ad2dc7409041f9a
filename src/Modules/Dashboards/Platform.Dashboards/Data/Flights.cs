namespace Platform.Dashboards.Data;

/// <summary>
/// One piece of work for all who want the same at the same time. It goes on as long as somebody waits: when the last one leaves, it is
/// cancelled.
/// </summary>
internal sealed class Flights<T>
{
    private readonly Dictionary<string, Flight> _flights = [];

    private sealed class Flight
    {
        public CancellationTokenSource Stop { get; } = new();

        public required Task<T> Work { get; init; }

        public int Waiting { get; set; }
    }

    /// <summary>Joins the work for a key, or begins it.</summary>
    /// <param name="key">What is wanted.</param>
    /// <param name="known">Looks once more whether the work is done already, when there is none to join.</param>
    /// <param name="work">The work; its token is cancelled when nobody waits.</param>
    /// <param name="cancellationToken">Ends this caller's wait.</param>
    public async Task<T> JoinAsync(string key, Func<T?> known, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        Flight? flight;
        lock (_flights)
        {
            if (!_flights.TryGetValue(key, out flight))
            {
                if (known() is { } found)
                {
                    return found;
                }

                flight = Begin(key, work);
            }

            flight.Waiting++;
        }

        try
        {
            return await flight.Work.WaitAsync(cancellationToken);
        }
        finally
        {
            Leave(key, flight);
        }
    }

    private Flight Begin(string key, Func<CancellationToken, Task<T>> work)
    {
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Flight? flight = null;
        flight = new Flight { Work = RunAsync() };
        _flights.Add(key, flight);
        start.SetResult();
        return flight;

        async Task<T> RunAsync()
        {
            await start.Task;
            try
            {
                return await work(flight!.Stop.Token);
            }
            finally
            {
                Remove(key, flight!);
            }
        }
    }

    private void Leave(string key, Flight flight)
    {
        lock (_flights)
        {
            if (--flight.Waiting > 0 || flight.Work.IsCompleted)
            {
                return;
            }

            _flights.Remove(key);
        }

        // Nobody looks at how it ends; without this, its failure would count as unobserved.
        _ = flight.Work.ContinueWith(static ended => ended.Exception, TaskScheduler.Default);
        flight.Stop.Cancel();
    }

    private void Remove(string key, Flight flight)
    {
        lock (_flights)
        {
            if (_flights.TryGetValue(key, out var current) && current == flight)
            {
                _flights.Remove(key);
            }
        }
    }
}
