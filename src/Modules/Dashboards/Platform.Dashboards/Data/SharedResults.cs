using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Platform.Dashboards.Data;

/// <summary>
/// What the nodes share: results, and who is asking just now. Without Redis, or while it does not answer, every node is on its own.
/// </summary>
internal sealed class SharedResults(ILogger<SharedResults> logger, IDistributedCache? results = null, RedisConnection? redis = null)
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public bool IsShared => results is not null && redis is not null;

    public async Task<CachedResult?> FindAsync(string key, CancellationToken cancellationToken)
    {
        if (!IsShared)
        {
            return null;
        }

        try
        {
            return CachedResult.FromBytes(await results!.GetAsync(key, cancellationToken));
        }
        catch (Exception exception) when (IsTrouble(exception))
        {
            logger.SharedCacheFailed(exception.GetType().Name);
            return null;
        }
    }

    public async Task StoreAsync(string key, CachedResult result, TimeSpan lifetime)
    {
        if (!IsShared || lifetime <= TimeSpan.Zero)
        {
            return;
        }

        try
        {
            await results!.SetAsync(
                key, result.ToBytes(), new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = lifetime }, CancellationToken.None);
        }
        catch (Exception exception) when (IsTrouble(exception))
        {
            logger.SharedCacheFailed(exception.GetType().Name);
        }
    }

    /// <summary>
    /// Asks as the only node. Where another node is asking the same, waits for its answer; if that node dies, its lease runs out and this one
    /// asks.
    /// </summary>
    /// <param name="key">The question's key.</param>
    /// <param name="since">An answer that was stored after this is good enough.</param>
    /// <param name="ask">Asks and stores the answer.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<CachedResult> AskOnceAsync(
        string key, DateTimeOffset since, Func<Task<CachedResult>> ask, CancellationToken cancellationToken)
    {
        if (!IsShared)
        {
            return await ask();
        }

        var (name, holder) = ((RedisKey)$"{key}:asking", (RedisValue)Guid.CreateVersion7().ToString());
        while (!await TryTakeAsync(name, holder))
        {
            await Task.Delay(Pause, cancellationToken);
            if (await FindAsync(key, cancellationToken) is { } found && found.StoredAt >= since)
            {
                return found;
            }
        }

        using var renewing = new CancellationTokenSource();
        var renewal = RenewAsync(name, holder, renewing.Token);
        try
        {
            // Between the look into the cache and the lock, the other node may have finished.
            return await FindAsync(key, cancellationToken) is { } found && found.StoredAt >= since ? found : await ask();
        }
        finally
        {
            await renewing.CancelAsync();
            await renewal;
            await TryAsync(database => database.LockReleaseAsync(name, holder));
        }
    }

    private async Task RenewAsync(RedisKey name, RedisValue holder, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            await Task.Delay(Lease / 3, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!stopping.IsCancellationRequested)
            {
                await TryAsync(database => database.LockExtendAsync(name, holder, Lease));
            }
        }
    }

    private Task<bool> TryTakeAsync(RedisKey name, RedisValue holder) => TryAsync(database => database.LockTakeAsync(name, holder, Lease));

    // Where Redis does not answer, nobody is kept from asking.
    private async Task<bool> TryAsync(Func<IDatabase, Task<bool>> work)
    {
        try
        {
            return await work((await redis!.GetAsync()).GetDatabase());
        }
        catch (Exception exception) when (IsTrouble(exception))
        {
            logger.SharedCacheFailed(exception.GetType().Name);
            return true;
        }
    }

    private static bool IsTrouble(Exception exception) => exception is RedisException or TimeoutException or ObjectDisposedException;
}
