using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Platform.Connectors.Types;

namespace Platform.Connectors.DuckDb;

/// <summary>
/// The workers of this node. One that is fresh waits for the next owner, so that a query does not wait for a start; one that has worked
/// waits for its owner alone. Who waits too long for work is ended, so that an idle node has none.
/// </summary>
internal sealed class WorkerPool : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    // A start takes half a second of a processor, most queries a tenth of that: so long one waits for a worker that is at work.
    private static readonly TimeSpan WaitBeforeStart = TimeSpan.FromMilliseconds(150);
    private readonly WorkerSandbox _sandbox;
    private readonly WorkFolders _folders;
    private readonly DuckDbOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<WorkerPool> _logger;
    private readonly SemaphoreSlim _places;
    private readonly ITimer _sweep;
    private readonly List<WorkerProcess> _idle = [];
    private readonly List<WorkerProcess> _busy = [];
    private readonly List<Waiting> _waiting = [];
    private bool _disposed;

    private sealed record Waiting(Guid OwnerId, TaskCompletionSource<WorkerProcess> Worker);

    public WorkerPool(
        WorkerSandbox sandbox, WorkFolders folders, IOptions<DuckDbOptions> options, TimeProvider clock, ILogger<WorkerPool> logger)
    {
        (_sandbox, _folders, _options, _clock, _logger) = (sandbox, folders, options.Value, clock, logger);
        _places = new SemaphoreSlim(_options.MaxWorkers);
        var period = TimeSpan.FromSeconds(Math.Max(1, _options.IdleSeconds / 4.0));
        _sweep = clock.CreateTimer(_ => EndIdle(), null, period, period);
    }

    /// <summary>The ids of the processes that wait.</summary>
    public IReadOnlyList<int> IdleProcessIds
    {
        get
        {
            lock (_idle)
            {
                return [.. _idle.Where(worker => !worker.HasExited).Select(worker => worker.Id)];
            }
        }
    }

    /// <summary>Asks a worker that serves this owner alone. Whoever stops waiting ends the worker, and with it the query.</summary>
    public Task<(WorkerReply Reply, byte[] Rows)> AskAsync(Guid ownerId, WorkerRequest request, CancellationToken cancellationToken) =>
        AskAsync(ownerId, _ => request, cancellationToken);

    /// <summary>The same over files that the request puts into a folder of the worker; they are gone with the answer.</summary>
    /// <param name="ownerId">Whose work it is.</param>
    /// <param name="request">Fills the folder that it is given, and says what to do with it.</param>
    /// <param name="cancellationToken">Ends the worker.</param>
    public async Task<(WorkerReply Reply, byte[] Rows)> AskAsync(
        Guid ownerId, Func<string, WorkerRequest> request, CancellationToken cancellationToken)
    {
        if (!await _places.WaitAsync(TimeSpan.FromSeconds(_options.QueueSeconds), cancellationToken))
        {
            throw new SourceException(SourceFailure.Busy, "Too many queries over files run at the moment.");
        }

        try
        {
            return await AskOneAsync(ownerId, request, cancellationToken);
        }
        finally
        {
            _places.Release();
        }
    }

    public void Dispose()
    {
        _sweep.Dispose();
        lock (_idle)
        {
            _disposed = true;
            _idle.ForEach(worker => worker.Dispose());
            _idle.Clear();
        }

        _places.Dispose();
    }

    private async Task<(WorkerReply Reply, byte[] Rows)> AskOneAsync(
        Guid ownerId, Func<string, WorkerRequest> request, CancellationToken cancellationToken)
    {
        var worker = await TakeReadyAsync(ownerId, cancellationToken);
        var healthy = true;
        try
        {
            var folder = WorkFolders.CreateWithin(worker.Folder);
            try
            {
                var asked = request(folder);
                healthy = false;
                // The worker keeps its own time; this one is for a worker that hangs.
                using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(asked.Limits.TimeoutMilliseconds + 10_000), _clock);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
                var answer = await worker.AskAsync(asked, either.Token);
                healthy = true;
                return answer;
            }
            finally
            {
                WorkFolders.Remove(folder);
            }
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SourceException(SourceFailure.QueryTimeout, "The query ran out of its time.", exception);
        }
        catch (IOException exception)
        {
            // Mostly the bound on its memory, which DuckDB did not notice in time.
            _logger.WorkerDied(worker.Id);
            throw new SourceException(SourceFailure.QueryTooLarge, "The query needs more memory than a query may have.", exception);
        }
        finally
        {
            GiveBack(worker, healthy);
        }
    }

    // A worker that does not come up is no fault of the query: another one is started, once.
    private async Task<WorkerProcess> TakeReadyAsync(Guid ownerId, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var worker = await TakeAsync(ownerId, cancellationToken);
            var isReady = false;
            try
            {
                isReady = await worker.IsReadyAsync(StartLimit, cancellationToken);
                if (isReady)
                {
                    return worker;
                }

                _logger.WorkerDidNotStart(worker.Id);
            }
            finally
            {
                if (!isReady)
                {
                    GiveBack(worker, healthy: false);
                }
            }
        }

        throw new SourceException(SourceFailure.Busy, "No query over files can run at the moment.");
    }

    private async Task<WorkerProcess> TakeAsync(Guid ownerId, CancellationToken cancellationToken)
    {
        var waiting = new Waiting(ownerId, new TaskCompletionSource<WorkerProcess>(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_idle)
        {
            if (TryTake(ownerId) is { } free)
            {
                return free;
            }

            if (!_busy.Exists(worker => worker.OwnerId == ownerId))
            {
                return Take(Start(), ownerId);
            }

            _waiting.Add(waiting);
        }

        await Task.WhenAny(waiting.Worker.Task, Task.Delay(WaitBeforeStart, _clock, cancellationToken));
        lock (_idle)
        {
            if (!_waiting.Remove(waiting))
            {
                return waiting.Worker.Task.GetAwaiter().GetResult();
            }

            ObjectDisposedException.ThrowIf(_disposed, this);
            cancellationToken.ThrowIfCancellationRequested();
            return Take(Start(), ownerId);
        }
    }

    private WorkerProcess? TryTake(Guid ownerId)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _idle.RemoveAll(worker =>
        {
            if (!worker.HasExited)
            {
                return false;
            }

            worker.Dispose();
            return true;
        });
        var worker = _idle.Find(worker => worker.OwnerId == ownerId) ?? _idle.Find(worker => worker.OwnerId is null);
        return worker is null ? null : Take(worker, ownerId);
    }

    private WorkerProcess Take(WorkerProcess worker, Guid ownerId)
    {
        _idle.Remove(worker);
        _busy.Add(worker);
        worker.OwnerId = ownerId;
        return worker;
    }

    private void GiveBack(WorkerProcess worker, bool healthy)
    {
        lock (_idle)
        {
            if (!healthy || _disposed || worker.IsWorn)
            {
                _busy.Remove(worker);
                worker.Dispose();
                return;
            }

            if (_waiting.Find(waiting => waiting.OwnerId == worker.OwnerId) is { } next)
            {
                _waiting.Remove(next);
                next.Worker.SetResult(worker);
                return;
            }

            _busy.Remove(worker);
            PutAside(worker);
        }
    }

    private void PutAside(WorkerProcess worker)
    {
        worker.IdleSince = _clock.GetTimestamp();
        _idle.Add(worker);
        // The fresh one is started once the processors are free of queries.
        if (_busy.Count == 0 && !_idle.Exists(idle => idle.OwnerId is null))
        {
            _idle.Add(Start());
        }

        // One place is the fresh worker's.
        while (_idle.Count > _options.MaxWorkers + 1)
        {
            var oldest = _idle.Where(idle => idle.OwnerId is not null).MinBy(idle => idle.IdleSince)!;
            _idle.Remove(oldest);
            oldest.Dispose();
        }
    }

    private WorkerProcess Start()
    {
        var folder = _folders.CreateForWorker();
        var worker = WorkerProcess.Start(_sandbox.Build(folder), folder, _logger);
        worker.IdleSince = _clock.GetTimestamp();
        return worker;
    }

    private void EndIdle()
    {
        lock (_idle)
        {
            _idle.RemoveAll(worker =>
            {
                if (_clock.GetElapsedTime(worker.IdleSince) < TimeSpan.FromSeconds(_options.IdleSeconds))
                {
                    return false;
                }

                worker.Dispose();
                return true;
            });
        }
    }
}
