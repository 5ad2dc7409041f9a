using Hangfire;
using Hangfire.Common;
using Microsoft.Extensions.DependencyInjection;

namespace Platform.Testing;

/// <summary>Runs Hangfire jobs in the test's own time: what is enqueued now, in order, until nothing is.</summary>
internal static class JobRunner
{
    private static readonly string[] Queues = ["syncs", "workflows", "chat", "events", "maintenance", "default"];

    public static async Task RunAsync(IServiceProvider services)
    {
        var storage = services.GetRequiredService<JobStorage>();
        using var connection = storage.GetConnection();
        while (Queues.FirstOrDefault(queue => storage.GetMonitoringApi().EnqueuedCount(queue) > 0) is { } queue)
        {
            // There is one, so this does not wait.
            using var fetched = connection.FetchNextJob([queue], CancellationToken.None);
            var data = connection.GetJobData(fetched.JobId);
            fetched.RemoveFromQueue();
            if (data?.Job is { } job)
            {
                await PerformAsync(services, job);
            }
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
