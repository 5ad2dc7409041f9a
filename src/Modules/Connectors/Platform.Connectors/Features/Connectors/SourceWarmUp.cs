using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Platform.Connectors.Types;
using Platform.SharedKernel.Callers;

namespace Platform.Connectors.Features.Connectors;

/// <summary>
/// Brings the file of a new connector to this node, with a worker that has looked at it, before the first query asks for both: the connector
/// is tested as its owner would test it. A failure is only logged, because the first query meets it too and tells whoever asked.
/// </summary>
internal sealed class SourceWarmUp(IServiceScopeFactory scopes, ILogger<SourceWarmUp> logger) : IDisposable
{
    private const int MostWaiting = 16;
    private readonly SemaphoreSlim _turn = new(1);
    private int _waiting;

    /// <summary>Begins in the background where the source is a file, unless too much is begun already.</summary>
    public void Begin(Guid ownerId, Guid connectorId, string type)
    {
        if (type != FileConnector.TypeName)
        {
            return;
        }

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
        await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new ProbeConnectorQuery(connectorId), CancellationToken.None);
    }
}
