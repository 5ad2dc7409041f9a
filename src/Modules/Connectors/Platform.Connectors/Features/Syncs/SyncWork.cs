using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Platform.Connectors.Domain;
using Platform.Connectors.Features.Connectors;
using Platform.Connectors.Types;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Errors;

namespace Platform.Connectors.Features.Syncs;

/// <summary>
/// Reads a connector into datasets, a stream after the other, in short transactions: claim, sign of life, a stream's end, the run's end.
/// Whatever it writes it writes with the fencing number, so that a second worker of the same run cannot be disturbed by the first.
/// </summary>
internal sealed class SyncWork(
    IServiceScopeFactory scopes, DatasetWriters writers, IOptions<ConnectorsOptions> options, TimeProvider clock, ILogger<SyncWork> logger)
{
    private const int MaxSends = 5;
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(30);

    /// <summary>How an attempt ended: with a status, with another attempt to come, or with the run in somebody else's hands.</summary>
    private sealed record Outcome(string? Status, string? Code = null, string? Error = null, TimeSpan? RetryAfter = null);

    public async Task RunAsync(Guid runId, Guid ownerId, CancellationToken cancellationToken)
    {
        if (await SendAsync(ownerId, new ClaimSyncCommand(runId), cancellationToken) is not { } claim)
        {
            return;
        }

        var period = TimeSpan.FromSeconds(Math.Max(0.5, options.Value.SyncLeaseSeconds / 10.0));
        await using var life = new SyncLife(
            (stream, rows) => SendAsync(ownerId, new RenewSyncCommand(runId, claim.Fence, stream, rows), CancellationToken.None),
            period, clock, cancellationToken);
        var outcome = await AttemptAsync(claim, ownerId, life, cancellationToken);
        await life.StopAsync();
        try
        {
            await ApplyAsync(claim, ownerId, outcome);
        }
        catch (ConflictException)
        {
            logger.SyncLeaseLost(runId);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task<Outcome> AttemptAsync(SyncClaim claim, Guid ownerId, SyncLife life, CancellationToken cancellationToken)
    {
        try
        {
            await ReadAsync(claim, ownerId, life);
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

    private async Task ApplyAsync(SyncClaim claim, Guid ownerId, Outcome outcome)
    {
        if (outcome.Status is { } status)
        {
            await SendAsync(
                ownerId, new FinishSyncCommand(claim.Id, claim.Fence, status, outcome.Code, outcome.Error), CancellationToken.None);
        }
        else if (outcome.RetryAfter is { } delay)
        {
            await SendAsync(ownerId, new ReleaseSyncCommand(claim.Id, claim.Fence, delay), CancellationToken.None);
        }
    }

    private async Task ReadAsync(SyncClaim claim, Guid ownerId, SyncLife life)
    {
        var token = life.Token;
        var connector = await SendAsync(ownerId, new OpenSyncSourceQuery(claim.ConnectorId), token);
        var names = claim.Streams
            ?? [.. (await connector.Type.DiscoverAsync(connector.Settings, null, token)).Select(table => table.Name)];
        foreach (var name in names.Except(claim.Done, StringComparer.Ordinal))
        {
            var start = await SendAsync(ownerId, new GetStreamStartQuery(claim.ConnectorId, name), token);
            var reading = await ReadStreamAsync(connector, claim, start, life);
            await life.WithoutSignAsync(
                () => SendAsync(ownerId, new CommitStreamCommand(claim.Id, claim.Fence, name, reading), token));
        }
    }

    private async Task<StreamReading> ReadStreamAsync(OpenConnector connector, SyncClaim claim, StreamRead start, SyncLife life)
    {
        using var writer = writers.Create(connector.Settings.OwnerId, claim, start.Name);
        life.Watch(start.Name);
        if (connector.Type is IParquetSource source)
        {
            var rows = await writer.AddFileAsync(await source.OpenAsync(connector.Settings, life.Token), life.Token);
            life.Count((int)Math.Min(rows, int.MaxValue));
            return await writer.CompleteAsync(null, life.Token);
        }

        await foreach (var batch in connector.Type.ReadAsync(connector.Settings, start, life.Token))
        {
            await writer.AddAsync(batch, life.Token);
            life.Count(batch.Count);
        }

        return await writer.CompleteAsync(start.CursorColumn is null ? null : start.CursorValue, life.Token);
    }

    // Each message in a scope and transaction of its own, as the owner. Where the owner has written the same row at the same moment,
    // nothing was written, and the message goes again.
    private async Task<T> SendAsync<T>(Guid ownerId, IRequest<T> request, CancellationToken cancellationToken)
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
