using MediatR;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Platform.Connectors.Contracts.Queries;
using Platform.SharedKernel.Callers;

namespace Platform.Dashboards.Data;

/// <summary>
/// Answers questions from what is kept on this node, then from what nodes share, then from the source. However many people ask the same at
/// once, the source is asked once. Who may ask is decided before; the key holds the identity that the query runs under.
/// </summary>
internal sealed class ResultCache : IDisposable
{
    private readonly Flights<CachedResult> _flights = new();
    private readonly MemoryCache _results;
    private readonly SemaphoreSlim _slots;
    private readonly SharedResults _shared;
    private readonly IServiceScopeFactory _scopes;
    private readonly DashboardsOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<ResultCache> _logger;

    public ResultCache(
        SharedResults shared, IServiceScopeFactory scopes, IOptions<DashboardsOptions> options, TimeProvider clock, ILogger<ResultCache> logger)
    {
        (_shared, _scopes, _options, _clock, _logger) = (shared, scopes, options.Value, clock, logger);
        _results = new MemoryCache(new MemoryCacheOptions { SizeLimit = _options.CacheMegabytes * 1024L * 1024L });
        _slots = new SemaphoreSlim(_options.ConcurrentQueries);
    }

    /// <summary>Answers a question.</summary>
    /// <param name="question">The question.</param>
    /// <param name="maxAge">The oldest answer that is good enough, or null for the question's own; zero asks the source.</param>
    /// <param name="cancellationToken">Ends this caller's wait, and the query when nobody else waits for it.</param>
    public async Task<Answer> GetAsync(Question question, TimeSpan? maxAge, CancellationToken cancellationToken)
    {
        var fresh = maxAge ?? question.Fresh;
        var began = _clock.GetUtcNow();
        if (await FindAsync(question.Key, cancellationToken) is { } found)
        {
            var age = began - found.StoredAt;
            if (age < fresh)
            {
                return new Answer(found, Answer.Hit);
            }

            if (maxAge is null && age < fresh + TimeSpan.FromSeconds(_options.StaleSeconds))
            {
                RefreshInBackground(question, began);
                return new Answer(found, Answer.Stale);
            }
        }

        return new Answer(await AskAsync(question, began, cancellationToken), Answer.Miss);
    }

    public void Dispose()
    {
        _results.Dispose();
        _slots.Dispose();
    }

    private async Task<CachedResult?> FindAsync(string key, CancellationToken cancellationToken)
    {
        if (_results.TryGetValue<CachedResult>(key, out var found))
        {
            return found;
        }

        if (await _shared.FindAsync(key, cancellationToken) is { } shared)
        {
            // Kept for a moment only: another node may replace it, and nobody tells this one.
            Keep(key, shared, TimeSpan.FromSeconds(1));
            return shared;
        }

        return null;
    }

    private Task<CachedResult> AskAsync(Question question, DateTimeOffset since, CancellationToken cancellationToken) =>
        _flights.JoinAsync(
            question.Key,
            () => _results.TryGetValue<CachedResult>(question.Key, out var known) && known!.StoredAt >= since ? known : null,
            stopping => _shared.AskOnceAsync(question.Key, since, () => RunAsync(question, stopping), stopping),
            cancellationToken);

    // One refresh at a time for a question, however short its interval: whoever comes meanwhile gets the stale answer, or joins.
    private void RefreshInBackground(Question question, DateTimeOffset since) =>
        _ = Task.Run(async () =>
        {
            try
            {
                await AskAsync(question, since, CancellationToken.None);
            }
            catch (Exception exception)
            {
                // The stale answer stands until it is too old; then the failure is shown.
                _logger.RefreshFailed(exception.GetType().Name);
            }
        });

    private async Task<CachedResult> RunAsync(Question question, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken);
        try
        {
            await using var scope = _scopes.CreateAsyncScope();
            scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = Caller.User(question.OwnerId);
            var result = await scope.ServiceProvider.GetRequiredService<IMediator>().Send(
                new RunConnectorQuery(question.ConnectorId, question.Query, question.Parameters, Source: question.Source), cancellationToken);
            var kept = CachedResult.From(result, _clock.GetUtcNow());
            var lifetime = question.Fresh + TimeSpan.FromSeconds(_options.StaleSeconds);
            Keep(question.Key, kept, lifetime);
            await _shared.StoreAsync(question.Key, kept, lifetime);
            return kept;
        }
        finally
        {
            _slots.Release();
        }
    }

    private void Keep(string key, CachedResult result, TimeSpan lifetime)
    {
        if (lifetime > TimeSpan.Zero)
        {
            _results.Set(key, result, new MemoryCacheEntryOptions { AbsoluteExpirationRelativeToNow = lifetime, Size = result.Json.Length + 200 });
        }
    }
}
