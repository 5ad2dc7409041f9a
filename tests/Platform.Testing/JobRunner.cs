using Hangfire;
using Hangfire.Common;
using Hangfire.States;
using Microsoft.Extensions.DependencyInjection;

namespace Platform.Testing;

/// <summary>Runs Hangfire jobs in the test's own time: what is enqueued now, in order, until nothing is.</summary>
internal static class JobRunner
{
    private static readonly string[] Queues = ["syncs", "workflows", "chat", "events", "maintenance", "default"];

    public static async Task RunAsync(IServiceProvider services)
    {
        var storage = services.GetRequiredService<JobStorage>();
        while (FindJob(storage) is { } found)
        {
            var (id, job) = found;
            await PerformAsync(services, job);
            new BackgroundJobClient(storage).ChangeState(id, new DeletedState { Reason = "Run by a test." }, null);
        }
    }

    private static (string Id, Job Job)? FindJob(JobStorage storage)
    {
        var monitoring = storage.GetMonitoringApi();
        foreach (var queue in Queues)
        {
            foreach (var (id, enqueued) in monitoring.EnqueuedJobs(queue, 0, 100))
            {
                if (enqueued.Job is { } job && enqueued.InEnqueuedState)
                {
                    return (id, job);
                }
            }
        }

        return null;
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
