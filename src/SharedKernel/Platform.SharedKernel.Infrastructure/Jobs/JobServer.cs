using Hangfire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Platform.SharedKernel.Infrastructure.Database;
using Platform.SharedKernel.Infrastructure.Events;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.SharedKernel.Infrastructure.Jobs;

/// <summary>This node's Hangfire server, with the pumps of its queues as background processes.</summary>
internal sealed class JobServer(
    IServiceProvider services, IOptions<JobsOptions> options, IEnumerable<IPump> pumps, IEnumerable<IQueueProcess> queues)
    : IHostedLifecycleService, IDisposable
{
    private readonly JobsOptions _options = options.Value;
    private BackgroundJobServer? _server;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Starts when everything else has: jobs call Supabase, which in the embedded mode is this very Host.</summary>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (!_options.Enabled)
        {
            return Task.CompletedTask;
        }

        var storage = services.GetRequiredService<JobStorage>();
        var recurring = new RecurringJobManager(storage);
        foreach (var module in services.GetServices<IModule>())
        {
            module.ScheduleJobs(recurring);
        }

        MaintenanceJob.Schedule(recurring);
        _server = new BackgroundJobServer(
            new BackgroundJobServerOptions
            {
                Queues = _options.QueueNames,
                WorkerCount = _options.Workers,
                ShutdownTimeout = TimeSpan.FromSeconds(_options.ShutdownSeconds),
                StopTimeout = TimeSpan.FromSeconds(_options.ShutdownSeconds),
                Activator = services.GetRequiredService<JobActivator>(),
            },
            storage,
            [
                .. pumps.Where(pump => _options.QueueNames.Contains(pump.Queue)).Select(Supervise),
                .. queues.Where(queue => _options.QueueNames.Contains(queue.Queue)).Select(Supervise),
            ]);
        return Task.CompletedTask;
    }

    /// <summary>Stops before anything else does, so that what runs can end or hand its lease back.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        if (_server is { } server)
        {
            server.SendStop();
            await server.WaitForShutdownAsync(cancellationToken);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _server?.Dispose();

    internal PumpWorker WorkerOf(IPump pump) =>
        new(
            pump,
            services.GetRequiredService<KernelDatabase>(),
            services.GetRequiredService<IServiceScopeFactory>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<PumpWorker>>());

    private QueueProcess Supervise(IQueueProcess queue) =>
        new(
            queue,
            services.GetRequiredService<NotificationHub>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<QueueProcess>>());

    private PumpProcess Supervise(IPump pump) =>
        new(
            WorkerOf(pump),
            services.GetRequiredService<NotificationHub>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<PumpProcess>>());
}
