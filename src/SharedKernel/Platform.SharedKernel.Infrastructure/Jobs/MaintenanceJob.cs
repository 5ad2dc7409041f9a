using Hangfire;
using Npgsql;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Infrastructure.Database;

namespace Platform.SharedKernel.Infrastructure.Jobs;

/// <summary>Removes what the kernel keeps for a time only: delivered events, old log topics, answers for Idempotency-Key.</summary>
internal sealed class MaintenanceJob(KernelDatabase database)
{
    private static readonly Caller Caller = Caller.System("platform:purge");
    private static readonly TimeSpan EventsAreKept = TimeSpan.FromDays(7);
    private static readonly TimeSpan AnswersAreKept = TimeSpan.FromHours(24);

    public static void Schedule(IRecurringJobManager jobs) =>
        jobs.AddOrUpdate<MaintenanceJob>("platform:purge", "maintenance", job => job.RunAsync(CancellationToken.None), Cron.Hourly());

    [Queue("maintenance")]
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await PurgeAsync("delete from platform.outbox where status = 'dispatched' and occurred_at < now() - @age", EventsAreKept, cancellationToken);
        await PurgeAsync(
            """
            delete from platform.stream_topics t
            where exists (select 1 from platform.stream_events e where e.topic = t.topic)
              and not exists (select 1 from platform.stream_events e where e.topic = t.topic and e.at >= now() - @age)
            """,
            EventsAreKept,
            cancellationToken);
        await PurgeAsync("delete from platform.idempotency_keys where created_at < now() - @age", AnswersAreKept, cancellationToken);
    }

    private Task<int> PurgeAsync(string sql, TimeSpan age, CancellationToken cancellationToken) =>
        database.ExecuteAsync(Caller, sql, cancellationToken, new NpgsqlParameter<TimeSpan>("age", age));
}
