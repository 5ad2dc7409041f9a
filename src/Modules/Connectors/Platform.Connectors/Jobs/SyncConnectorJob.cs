using Hangfire;
using Platform.Connectors.Features.Syncs;

namespace Platform.Connectors.Jobs;

/// <summary>Works on one sync. Run twice or killed anywhere, it harms nothing: the run's lease and fencing number decide.</summary>
internal sealed class SyncConnectorJob(SyncWork work)
{
    // The run's own attempts count, and the sweep starts them.
    [AutomaticRetry(Attempts = 0, OnAttemptsExceeded = AttemptsExceededAction.Delete)]
    [Queue("syncs")]
    public Task RunAsync(Guid syncRunId, Guid ownerId, CancellationToken cancellationToken) =>
        work.RunAsync(syncRunId, ownerId, cancellationToken);
}
