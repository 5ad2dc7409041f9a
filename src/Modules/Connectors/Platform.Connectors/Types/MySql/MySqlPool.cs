using MySqlConnector;

namespace Platform.Connectors.Types.MySql;

/// <summary>The connections of one connector to one address.</summary>
internal sealed class MySqlPool(MySqlDataSource source, bool isKept) : IAsyncDisposable, IDisposable
{
    private readonly SemaphoreSlim _places = new(MySqlPools.MaxConnections);

    /// <summary>Whether it outlives its session.</summary>
    public bool IsKept { get; } = isKept;

    /// <summary>How many sessions use it or wait for it; guarded by the pools' lock.</summary>
    public int Users { get; set; }

    /// <summary>When it was used last, as a timestamp of the pools' clock.</summary>
    public long UsedAt { get; set; }

    /// <summary>Takes a connection, or makes one while there are few.</summary>
    /// <param name="returned">Called once the session has given its connection back.</param>
    /// <param name="cancellationToken">How long to wait.</param>
    public async Task<MySqlSession> OpenAsync(Func<ValueTask> returned, CancellationToken cancellationToken)
    {
        try
        {
            await _places.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException exception)
        {
            throw new SourceException(SourceFailure.Busy, "Too many queries of this connector run at the moment.", exception);
        }

        try
        {
            var connection = await source.OpenConnectionAsync(cancellationToken);
            return new MySqlSession(connection, () =>
            {
                _places.Release();
                return returned();
            });
        }
        catch
        {
            _places.Release();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await source.DisposeAsync();
        _places.Dispose();
    }

    public void Dispose()
    {
        source.Dispose();
        _places.Dispose();
    }
}
