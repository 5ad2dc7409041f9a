using Hangfire;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Platform.Connectors.Features.Connectors;
using Platform.Connectors.Features.Health;
using Platform.Connectors.Features.Schemas;
using Platform.Connectors.Types;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Errors;

namespace Platform.Connectors.Jobs;

/// <summary>Asks the sources that are due whether they answer, some at a time. Run twice at once, it asks no source twice.</summary>
internal sealed class CheckHealthJob(IServiceScopeFactory scopes)
{
    private const string Id = "connectors:check-health";
    private const int AtOnce = 8;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static void Schedule(IRecurringJobManager recurring) =>
        recurring.AddOrUpdate<CheckHealthJob>(Id, "maintenance", job => job.RunAsync(CancellationToken.None), "*/5 * * * * *");

    [Queue("maintenance")]
    [AutomaticRetry(Attempts = 0)]
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var due = await SendAsync(Caller.System(Id), new TakeDueChecksCommand(), cancellationToken);
        await Parallel.ForEachAsync(
            due,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (check, token) =>
            {
                var owner = Caller.User(check.UserId);
                if (await ProbeAsync(owner, check.ConnectorId, token) is { } result)
                {
                    await SendAsync(owner, new RecordCheckCommand(check.ConnectorId, result), token);
                    await RefreshSchemaAsync(owner, check.ConnectorId, result.Ok, token);
                }
            });
    }

    // Null where the connector has gone meanwhile.
    private async Task<ConnectionTestResult?> ProbeAsync(Caller owner, Guid connectorId, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            return await SendAsync(owner, new ProbeConnectorQuery(connectorId), patience.Token);
        }
        catch (NotFoundException)
        {
            return null;
        }
        catch (PlatformException exception)
        {
            return new ConnectionTestResult(false, exception.Code, exception.Message, 0);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            var waited = (long)Patience.TotalMilliseconds;
            return new ConnectionTestResult(false, SourceFailure.Timeout, "The source did not answer in time.", waited);
        }
    }

    /// <summary>Reads the tables of a source that answers, now and then, so that changes are seen though nobody looks.</summary>
    private async Task RefreshSchemaAsync(Caller owner, Guid connectorId, bool isUp, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            if (isUp && (await SendAsync(owner, new IsSchemaStaleQuery(connectorId), patience.Token)).IsStale)
            {
                var tables = await SendAsync(owner, new ReadSourceSchemaQuery(connectorId), patience.Token);
                await SendAsync(owner, new RecordSchemaCommand(connectorId, tables), patience.Token);
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested
            && exception is PlatformException or TimeoutException or OperationCanceledException)
        {
            // It has gone meanwhile, or is slow today; what is known says how old it is.
        }
    }

    private async Task<T> SendAsync<T>(Caller caller, IRequest<T> request, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = caller;
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(request, cancellationToken);
    }
}
