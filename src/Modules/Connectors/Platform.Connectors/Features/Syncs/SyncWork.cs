using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Platform.Connectors.Domain;
using Platform.Connectors.Features.Schemas;
using Platform.Connectors.Types;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Errors;

namespace Platform.Connectors.Features.Syncs;

/// <summary>
/// Reads a connector into datasets, a stream after the other, in short transactions: claim, sign of life, a stream's end, the run's end.
/// Whatever it writes it writes with the fencing number, so that a second worker of the same run cannot be disturbed by the first.
/// </summary>
internal sealed class SyncWork(
    IServiceScopeFactory scopes, StreamWork streams, IOptions<ConnectorsOptions> options, TimeProvider clock, ILogger<SyncWork> logger)
{
    private const int MaxSends = 5;
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(30);

    /// <summary>How an attempt ended: with a status, with another attempt to come, or with the run in somebody else's hands.</summary>
    private sealed record Outcome(string? Status, string? Code = null, string? Error = null, TimeSpan? RetryAfter = null);

    public async Task RunAsync(Guid runId, Guid ownerId, CancellationToken cancellationToken)
    {
        var messages = new Messages(ownerId, scopes, clock);
        if (await messages.SendAsync(new ClaimSyncCommand(runId), cancellationToken) is not { } claim)
        {
            return;
        }

        var period = TimeSpan.FromSeconds(Math.Max(0.5, options.Value.SyncLeaseSeconds / 10.0));
        await using var life = new SyncLife(
            (stream, rows) => messages.SendAsync(new RenewSyncCommand(runId, claim.Fence, stream, rows), CancellationToken.None),
            period, clock, cancellationToken);
        var outcome = await AttemptAsync(claim, life, messages, cancellationToken);
        await life.StopAsync();
        try
        {
            await ApplyAsync(claim, messages, outcome);
        }
        catch (ConflictException)
        {
            logger.SyncLeaseLost(runId);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task<Outcome> AttemptAsync(
        SyncClaim claim, SyncLife life, Messages messages, CancellationToken cancellationToken)
    {
        try
        {
            await ReadAsync(claim, life, messages);
            return new Outcome(SyncStatus.Succeeded);
        }
        catch (Exception) when (life.IsLost)
        {
            logger.SyncLeaseLost(claim.Id);
            return new Outcome(null);
        }
        catch (Exception) when (life.CancelRequested)
        {
            return new Outcome(SyncStatus.Cancelled);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // The node drains: somebody else goes on at once.
            return new Outcome(null, RetryAfter: TimeSpan.Zero);
        }
        catch (SourceException exception)
        {
            return new Outcome(SyncStatus.Failed, exception.Code, exception.Message);
        }
        catch (PlatformException exception)
        {
            return new Outcome(SyncStatus.Failed, exception.Code, exception.Message);
        }
        catch (Exception exception)
        {
            // Our own trouble, such as a storage that does not answer: another attempt may be luckier.
            logger.SyncFailed(exception, claim.Id);
            return new Outcome(null, RetryAfter: RetryDelay);
        }
    }

    private static async Task ApplyAsync(SyncClaim claim, Messages messages, Outcome outcome)
    {
        if (outcome.Status is { } status)
        {
            await messages.SendAsync(
                new FinishSyncCommand(claim.Id, claim.Fence, status, outcome.Code, outcome.Error), CancellationToken.None);
        }
        else if (outcome.RetryAfter is { } delay)
        {
            await messages.SendAsync(new ReleaseSyncCommand(claim.Id, claim.Fence, delay), CancellationToken.None);
        }
    }

    private async Task ReadAsync(SyncClaim claim, SyncLife life, Messages messages)
    {
        var token = life.Token;
        var connector = await messages.SendAsync(new OpenSyncSourceQuery(claim.ConnectorId), token);
        var tables = await connector.Type.DiscoverAsync(connector.Settings, null, token);
        await messages.SendAsync(new RecordSchemaCommand(claim.ConnectorId, ReadSourceSchemaHandler.ToTables(tables)), token);
        foreach (var name in claim.Streams ?? [.. tables.Select(table => table.Name)])
        {
            if (!claim.IsDone(name))
            {
                var key = tables.FirstOrDefault(table => table.Name == name)?.Key ?? [];
                await streams.RunAsync(connector, claim, name, key, life, messages);
            }
        }
    }

    // Where the owner has written the same row at the same moment, nothing was written, and the message goes again.
    private sealed class Messages(Guid ownerId, IServiceScopeFactory scopes, TimeProvider clock) : ISyncMessages
    {
        public async Task<T> SendAsync<T>(IRequest<T> request, CancellationToken cancellationToken)
        {
            for (var attempt = 1; ; attempt++)
            {
                await using var scope = scopes.CreateAsyncScope();
                scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = Caller.User(ownerId);
                try
                {
                    return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(request, cancellationToken);
                }
                catch (DbUpdateConcurrencyException) when (attempt < MaxSends)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(20 * attempt), clock, cancellationToken);
                }
            }
        }
    }
}
