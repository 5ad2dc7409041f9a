namespace Platform.Connectors.Types;

/// <summary>A call to a source within its time, whose troubles become the codes of <see cref="SourceFailure"/>.</summary>
internal static class SourceCall
{
    /// <summary>Works until the time is over or nobody waits.</summary>
    /// <param name="clock">Measures the time.</param>
    /// <param name="limit">How long the work may take.</param>
    /// <param name="work">Stops at the source when its token is cancelled.</param>
    /// <param name="failureOf">What a trouble of the source is called; null for what is no trouble of the source.</param>
    /// <param name="cancellationToken">The caller's patience.</param>
    /// <returns>What the work gives; it throws a <see cref="SourceException"/> where the source fails or takes too long.</returns>
    public static async Task<T> WithinAsync<T>(
        TimeProvider clock, TimeSpan limit, Func<CancellationToken, Task<T>> work, Func<Exception, SourceException?> failureOf,
        CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            return await work(either.Token);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && exception is not SourceException)
        {
            if (timeout.IsCancellationRequested)
            {
                throw new SourceException(SourceFailure.QueryTimeout, "The query ran out of its time.", exception);
            }

            if (failureOf(exception) is { } failure)
            {
                throw failure;
            }

            throw;
        }
    }

    /// <summary>The next batch of a stream, whose troubles become failures.</summary>
    public static async Task<bool> MoveNextAsync<T>(
        IAsyncEnumerator<T> batches, Func<Exception, SourceException?> failureOf, CancellationToken cancellationToken)
    {
        try
        {
            return await batches.MoveNextAsync();
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && exception is not SourceException)
        {
            if (failureOf(exception) is { } failure)
            {
                throw failure;
            }

            throw;
        }
    }
}
