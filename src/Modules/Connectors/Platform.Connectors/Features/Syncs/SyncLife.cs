using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Platform.SharedKernel.Errors;

namespace Platform.Connectors.Features.Syncs;

/// <summary>
/// The sign of life of a sync, beside the work: prolongs the lease, tells the progress, and stops the work when the owner wants that or the
/// lease is lost.
/// </summary>
internal sealed class SyncLife : IAsyncDisposable
{
    private readonly Func<string?, long, Task<bool>> _renew;
    private readonly CancellationTokenSource _work;
    private readonly CancellationTokenSource _ended = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Task _beat;
    private volatile string? _stream;
    private long _rows;

    public SyncLife(Func<string?, long, Task<bool>> renew, TimeSpan period, TimeProvider clock, CancellationToken cancellationToken)
    {
        _renew = renew;
        _work = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Token = _work.Token;
        _beat = BeatAsync(period, clock);
    }

    /// <summary>Cancelled when the work is to stop, for whatever reason.</summary>
    public CancellationToken Token { get; }

    public bool CancelRequested { get; private set; }

    public bool IsLost { get; private set; }

    /// <summary>What is worked on from now on, and how many rows it has already.</summary>
    public void Watch(string? stream, long rows)
    {
        Interlocked.Exchange(ref _rows, rows);
        _stream = stream;
    }

    public void Count(long rows) => Interlocked.Add(ref _rows, rows);

    /// <summary>Writes the run's row itself: with a sign on its way at the same time, one of the two would fail.</summary>
    public async Task WithoutSignAsync(Func<Task> write)
    {
        await _turn.WaitAsync(Token);
        try
        {
            await write();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>No further sign; one that is on its way has arrived.</summary>
    public async Task StopAsync()
    {
        await _ended.CancelAsync();
        await _beat;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _work.Dispose();
        _turn.Dispose();
        _ended.Dispose();
    }

    private async Task BeatAsync(TimeSpan period, TimeProvider clock)
    {
        using var timer = new PeriodicTimer(period, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(_ended.Token))
            {
                await _turn.WaitAsync(_ended.Token);
                try
                {
                    CancelRequested = await _renew(_stream, Interlocked.Read(ref _rows));
                }
                catch (ConflictException)
                {
                    IsLost = true;
                }
                catch (Exception exception) when (exception is DbUpdateException or DbException or TimeoutException)
                {
                    // The owner has written the row at the same moment, or the database does not answer: the next sign may arrive. If none
                    // does, the lease runs out, and the fence refuses what this worker writes.
                }
                finally
                {
                    _turn.Release();
                }

                if (CancelRequested || IsLost)
                {
                    await _work.CancelAsync();
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // The run has ended.
        }
    }
}
