using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Auth.Cleanup;

/// <summary>
/// Forgets, once an hour and a part at a time, what nobody can use any more: ended sessions, replaced refresh tokens, spent or late
/// one-time tokens, flows and challenges. Nodes need not agree on who does it: each takes rows that no other has locked.
/// </summary>
internal sealed class SweepAuth(LocalSupabaseOptions options, AuthDatabase database, TimeProvider clock, ILogger<SweepAuth> logger)
    : BackgroundService
{
    private const int RowsAtOnce = 1_000;
    private static readonly TimeSpan Pause = TimeSpan.FromHours(1);

    // For a while after its end a session says why it has ended, and a refresh token that is used once more that it was stolen.
    private static readonly TimeSpan SessionsKept = TimeSpan.FromDays(1);
    private static readonly TimeSpan TokensKept = TimeSpan.FromDays(30);
    private static readonly TimeSpan FlowsKept = TimeSpan.FromDays(2);
    private static readonly TimeSpan ChallengesKept = TimeSpan.FromDays(1);

    /// <summary>Forgets all that is due now.</summary>
    /// <returns>How many rows that was.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var swept = await SweepSessionsAsync(now, cancellationToken);
        // The last one before the active one is kept: a client that lost the answer may come with it, however late.
        swept += await SweepAsync(
            "auth.refresh_tokens",
            """
            revoked and updated_at < @before and not exists (
              select from auth.refresh_tokens active
              where active.session_id = doomed.session_id and active.parent = doomed.token and not active.revoked)
            """,
            now - TokensKept, cancellationToken);
        swept += await SweepAsync(
            "auth.one_time_tokens", "created_at < @before at time zone 'utc'",
            now - Longest(options.Auth.OtpLifetime, options.Auth.SmsOtpLifetime), cancellationToken);
        swept += await SweepAsync(
            "auth.flow_state", "created_at < @before", now - Longest(FlowsKept, options.Auth.OtpLifetime), cancellationToken);
        swept += await SweepAsync("auth.mfa_challenges", "created_at < @before", now - ChallengesKept, cancellationToken);
        return swept;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await TryAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task TryAsync(CancellationToken stoppingToken)
    {
        try
        {
            await RunAsync(stoppingToken);
        }
        catch (NpgsqlException exception)
        {
            logger.AuthSweepFailed(exception);
        }
    }

    private static TimeSpan Longest(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private async Task<int> SweepSessionsAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var before = now - SessionsKept;
        var swept = await SweepAsync("auth.sessions", "not_after < @before", before, cancellationToken);
        if (options.Sessions.Timebox is { } timebox)
        {
            swept += await SweepAsync("auth.sessions", "created_at < @before", before - timebox, cancellationToken);
        }

        if (options.Sessions.InactivityTimeout is { } timeout)
        {
            swept += await SweepAsync(
                "auth.sessions", "coalesce(refreshed_at at time zone 'utc', created_at) < @before", before - timeout, cancellationToken);
        }

        return swept;
    }

    private async Task<int> SweepAsync(string table, string condition, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var swept = 0;
        int rows;
        do
        {
            await using var connection = await database.OpenAsync(cancellationToken);
            rows = await connection.Command(
                $"""
                delete from {table} where id in (
                  select doomed.id from {table} doomed where {condition} limit {RowsAtOnce} for update skip locked)
                """,
                ("before", before)).ExecuteAsync(cancellationToken);
            swept += rows;
        }
        while (rows == RowsAtOnce);
        return swept;
    }
}
