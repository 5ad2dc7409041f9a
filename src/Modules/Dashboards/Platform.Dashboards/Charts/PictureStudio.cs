using Microsoft.Extensions.Options;

namespace Platform.Dashboards.Charts;

/// <summary>
/// Where pictures are drawn: on threads of their own, a few at a time, and not for longer than allowed, waiting included. The native
/// libraries that draw are loaded with the first picture.
/// </summary>
internal sealed class PictureStudio(IOptions<DashboardsOptions> options) : IDisposable
{
    private readonly SemaphoreSlim _seats = new(options.Value.ConcurrentExports);

    /// <summary>Draws.</summary>
    /// <param name="draw">Draws a file; looks at its token now and then.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TimeoutException">It took too long.</exception>
    public async Task<byte[]> DrawAsync(Func<CancellationToken, byte[]> draw, CancellationToken cancellationToken)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bound.CancelAfter(TimeSpan.FromSeconds(options.Value.ExportSeconds));
        try
        {
            await _seats.WaitAsync(bound.Token);
            try
            {
                return await Task.Factory.StartNew(
                    () => draw(bound.Token), bound.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            }
            finally
            {
                _seats.Release();
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("The picture took too long.");
        }
    }

    public void Dispose() => _seats.Dispose();
}
