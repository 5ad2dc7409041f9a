using Hangfire;
using Hangfire.Common;
using Hangfire.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Platform.Testing;

/// <summary>Runs Hangfire jobs in the test's own time: what is enqueued now, in order, until nothing is.</summary>
internal static class JobRunner
{
    private static readonly string[] Queues = ["syncs", "workflows", "chat", "events", "maintenance", "default"];

    // A job that is counted may be another runner's a moment later: then it is that one's to run.
    private static readonly TimeSpan LongestFetch = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task RunAsync(IServiceProvider services)
    {
        var storage = services.GetRequiredService<JobStorage>();
        using var connection = storage.GetConnection();
        var begun = TimeProvider.System.GetTimestamp();
        while (Queues.FirstOrDefault(queue => storage.GetMonitoringApi().EnqueuedCount(queue) > 0) is { } queue)
        {
            if (TimeProvider.System.GetElapsedTime(begun) > Patience)
            {
                throw new TimeoutException($"The queue {queue} does not become empty.");
            }

            if (Fetch(connection, queue) is { } job)
            {
                await PerformAsync(services, job);
            }
        }
    }

    private static Job? Fetch(IStorageConnection connection, string queue)
    {
        using var limit = new CancellationTokenSource(LongestFetch);
        try
        {
            using var fetched = connection.FetchNextJob([queue], limit.Token);
            var data = connection.GetJobData(fetched.JobId);
            fetched.RemoveFromQueue();
            return data?.Job;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
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
