using System.Data.Common;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Platform.Connectors.Features.Health;
using Platform.SharedKernel.Callers;

namespace Platform.Connectors.Jobs;

/// <summary>
/// Looks once, when a node starts, whether it has all master keys, and says which are missing and what that touches. The node serves all
/// the rest.
/// </summary>
internal sealed class MasterKeyWatch(IServiceScopeFactory scopes, ILogger<MasterKeyWatch> logger) : BackgroundService
{
    private const int MostNamed = 20;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = Caller.System("connectors:master-key-watch");
            var mediator = scope.ServiceProvider.GetRequiredService<IMediator>();
            foreach (var key in await mediator.Send(new FindUnreadableConnectorsQuery(), stoppingToken))
            {
                logger.MasterKeyUnusable(
                    key.MasterKeyId, key.State, key.ConnectorIds.Count, string.Join(", ", key.ConnectorIds.Take(MostNamed)));
            }
        }
        catch (Exception exception) when (exception is DbException or TimeoutException || stoppingToken.IsCancellationRequested)
        {
            // Whether the database answers is for the health checks to say.
            logger.MasterKeysNotChecked(exception);
        }
    }
}
