using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Platform.Connectors.Types;
using Platform.SharedKernel.Callers;

namespace Platform.Connectors.Features.Connectors;

/// <summary>
/// Brings the file of a new connector to this node, with a worker that has looked at it, before the first query asks for both. Nobody
/// depends on it: what fails here is told to whoever queries.
/// </summary>
internal sealed class SourceWarmUp(IServiceScopeFactory scopes, ILogger<SourceWarmUp> logger) : IDisposable
{
    private const int MostWaiting = 16;
    private readonly SemaphoreSlim _turn = new(1);
    private int _waiting;

    /// <summary>Begins in the background, unless too much is begun already.</summary>
    public void Begin(Guid ownerId, Guid connectorId)
    {
        if (Interlocked.Increment(ref _waiting) > MostWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            return;
        }

        _ = Task.Run(() => RunAsync(ownerId, connectorId));
    }

    public void Dispose() => _turn.Dispose();

    private async Task RunAsync(Guid ownerId, Guid connectorId)
    {
        try
        {
            await _turn.WaitAsync();
            try
            {
                await WarmAsync(ownerId, connectorId);
            }
            finally
            {
                _turn.Release();
            }
        }
        catch (Exception exception)
        {
            logger.WarmUpFailed(exception, connectorId);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private async Task WarmAsync(Guid ownerId, Guid connectorId)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = Caller.User(ownerId);
        var opened = await scope.ServiceProvider.GetRequiredService<ConnectorOpener>()
            .OpenAsync(connectorId, ConnectorTypes.Test, CancellationToken.None);
        if (opened.Type is FileConnector file)
        {
            await file.OpenAsync(opened.Settings, CancellationToken.None);
        }
    }
}
