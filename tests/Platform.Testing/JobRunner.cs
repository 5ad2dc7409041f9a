using Hangfire;
using Hangfire.Common;
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
        var begun = TimeProvider.System.GetTimestamp();
        while (Queues.FirstOrDefault(queue => storage.GetMonitoringApi().EnqueuedCount(queue) > 0) is { } queue)
        {
            if (TimeProvider.System.GetElapsedTime(begun) > Patience)
            {
                throw new TimeoutException($"The queue {queue} does not become empty.");
            }

            if (await FetchAsync(storage, queue) is { } job)
            {
                await PerformAsync(services, job);
            }
        }
    }

    // The storage may wait for itself once it is told to stop waiting: such a fetch is left behind, and has no job.
    private static async Task<Job?> FetchAsync(JobStorage storage, string queue)
    {
        using var limit = new CancellationTokenSource(LongestFetch);
        try
        {
            return await Task.Run(() => Fetch(storage, queue, limit.Token)).WaitAsync(LongestFetch * 3);
        }
        catch (Exception exception) when (exception is OperationCanceledException or TimeoutException)
        {
            return null;
        }
    }

    private static Job? Fetch(JobStorage storage, string queue, CancellationToken cancellationToken)
    {
        using var connection = storage.GetConnection();
        using var fetched = connection.FetchNextJob([queue], cancellationToken);
        var data = connection.GetJobData(fetched.JobId);
        fetched.RemoveFromQueue();
        return data?.Job;
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
