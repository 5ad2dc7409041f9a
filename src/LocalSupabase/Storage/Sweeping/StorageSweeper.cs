using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Platform.LocalSupabase.Storage.BackEnds;
using Platform.LocalSupabase.Storage.Files;
using Platform.LocalSupabase.Storage.Resumable;

namespace Platform.LocalSupabase.Storage.Sweeping;

/// <summary>
/// Proves, at the start and from time to time, that every row has its file and every file its row; takes away what a crash left, and
/// names each finding in the log and in <c>storage.sweep_findings</c>.
/// </summary>
internal sealed class StorageSweeper(
    StorageDatabase database, IObjectBackEnd backEnd, StagingArea staging, UploadLocks locks, LocalSupabaseOptions options,
    TimeProvider clock, ILogger<StorageSweeper> logger)
    : BackgroundService
{
    // Taken when the services are made, which is before the first request: what is older was written by a process that is gone.
    private readonly DateTimeOffset _startedAt = clock.GetUtcNow();

    /// <summary>One sweep.</summary>
    /// <param name="atStart">Whether nothing that is older than this process can have a writer.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<SweepReport> SweepAsync(bool atStart, CancellationToken cancellationToken)
    {
        var begun = clock.GetUtcNow();
        var settled = begun - TimeSpan.FromMinutes(options.Storage.SweepGraceMinutes);
        var objects = new ObjectSweep(database, backEnd);
        var findings = await new StagingSweep(database, staging, locks, clock)
            .RunAsync(atStart ? _startedAt : settled, cancellationToken);
        findings.AddRange(await objects.RunAsync(atStart && backEnd.IsPrivate ? _startedAt : settled, cancellationToken));
        var report = new SweepReport(Guid.CreateVersion7(begun), begun, clock.GetUtcNow(), objects.Files, objects.Objects, findings);
        await new SweepReports(database).WriteAsync(report, cancellationToken);
        foreach (var finding in findings)
        {
            logger.StorageSweepFound(finding.Kind, finding.FileName, finding.Size, finding.Repaired, report.Id);
        }

        return report;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Storage.SweepMinutes == 0)
        {
            return;
        }

        using var timer = new PeriodicTimer(TimeSpan.FromMinutes(options.Storage.SweepMinutes), clock);
        var atStart = true;
        do
        {
            try
            {
                await SweepAsync(atStart, stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                logger.StorageSweepFailed(exception);
            }

            atStart = false;
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
