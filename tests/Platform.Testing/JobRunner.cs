using Hangfire;
using Hangfire.Common;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Platform.Testing;

/// <summary>Runs Hangfire jobs in the test's own time: what is enqueued now, in order, until nothing is.</summary>
internal static class JobRunner
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task RunAsync(IServiceProvider services, string ownerConnectionString)
    {
        await using var database = new NpgsqlConnection(ownerConnectionString);
        await database.OpenAsync();
        using var connection = services.GetRequiredService<JobStorage>().GetConnection();
        var begun = TimeProvider.System.GetTimestamp();
        while (await TakeAsync(database) is { } id)
        {
            if (TimeProvider.System.GetElapsedTime(begun) > Patience)
            {
                throw new TimeoutException($"The queues do not become empty; job {id} is in line.");
            }

            if (connection.GetJobData($"{id}")?.Job is { } job)
            {
                await PerformAsync(services, job);
            }
        }
    }

    // Hangfire's own fetch waits for a job; this one has to know that there is none.
    private static async Task<long?> TakeAsync(NpgsqlConnection database)
    {
        await using var command = new NpgsqlCommand(
            """
            delete from hangfire.jobqueue
            where id = (select id from hangfire.jobqueue where fetchedat is null order by id limit 1 for update skip locked)
            returning jobid
            """,
            database);
        return (long?)await command.ExecuteScalarAsync();
    }

    private static async Task PerformAsync(IServiceProvider services, Job job)
    {
        await using var scope = services.CreateAsyncScope();
        var target = ActivatorUtilities.GetServiceOrCreateInstance(scope.ServiceProvider, job.Type);
        var arguments = job.Method.GetParameters()
            .Select((parameter, index) => parameter.ParameterType == typeof(CancellationToken) ? CancellationToken.None : job.Args[index])
            .ToArray();
        if (job.Method.Invoke(target, arguments) is Task task)
        {
            await task;
        }
    }
}
