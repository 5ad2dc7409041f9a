using Platform.LocalSupabase.Secrets;
using Platform.SharedKernel.Infrastructure.Egress;

namespace Platform.Host.Embedded;

/// <summary>Once the Host listens: writes <c>connection.json</c> and says where everything is.</summary>
internal sealed class EmbeddedAnnouncement(EmbeddedMode mode, OwnPorts ownPorts, ILogger<EmbeddedAnnouncement> logger) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        ownPorts.Add(mode.Postgres.Port);
        ConnectionFile.Write(mode.DataDirectory, new Uri(mode.Address.Url), mode.Secrets, mode.Postgres);
        logger.PlatformIsReady(mode.Address.Url, mode.Secrets.AnonKey, Path.Combine(mode.DataDirectory, "connection.json"));
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
