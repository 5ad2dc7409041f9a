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
internal sealed class JobServer(IServiceProvider services, IOptions<JobsOptions> options, IEnumerable<IPump> pumps) : IHostedService, IDisposable
{
    private readonly JobsOptions _options = options.Value;
    private BackgroundJobServer? _server;

    public Task StartAsync(CancellationToken cancellationToken)
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
            pumps.Where(pump => _options.QueueNames.Contains(pump.Queue)).Select(Supervise).ToList());
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_server is { } server)
        {
            server.SendStop();
            await server.WaitForShutdownAsync(cancellationToken);
        }
    }

    public void Dispose() => _server?.Dispose();

    internal PumpWorker WorkerOf(IPump pump) =>
        new(
            pump,
            services.GetRequiredService<KernelDatabase>(),
            services.GetRequiredService<IServiceScopeFactory>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<PumpWorker>>());

    private PumpProcess Supervise(IPump pump) =>
        new(
            WorkerOf(pump),
            services.GetRequiredService<NotificationHub>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<PumpProcess>>());
}
