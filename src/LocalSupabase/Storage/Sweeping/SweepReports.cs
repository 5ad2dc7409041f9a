using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Storage.Sweeping;

/// <summary>One sweep and all that it found.</summary>
internal sealed record SweepReport(
    Guid Id, DateTimeOffset StartedAt, DateTimeOffset FinishedAt, long Files, long Objects, IReadOnlyList<SweepFinding> Findings);

/// <summary>Keeps reports in <c>storage.sweeps</c> and <c>storage.sweep_findings</c>, for a month.</summary>
internal sealed class SweepReports(StorageDatabase database)
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    public Task WriteAsync(SweepReport report, CancellationToken cancellationToken) => database.AsServiceAsync(
        async connection =>
        {
            await connection.Command("delete from storage.sweeps where started_at < @before", ("before", report.StartedAt - Kept))
                .ExecuteAsync(cancellationToken);
            await connection.Command(
                "insert into storage.sweeps (id, started_at, finished_at, files, objects) values (@id, @started, @finished, @files, @objects)",
                ("id", report.Id), ("started", report.StartedAt), ("finished", report.FinishedAt), ("files", report.Files),
                ("objects", report.Objects)).ExecuteAsync(cancellationToken);
            await WriteFindingsAsync(connection, report, cancellationToken);
            return report.Findings.Count;
        },
        cancellationToken);

    private static async Task WriteFindingsAsync(NpgsqlConnection connection, SweepReport report, CancellationToken cancellationToken)
    {
        await using var writer = await connection.BeginBinaryImportAsync(
            "copy storage.sweep_findings (sweep_id, kind, file_name, size, bucket_id, object_name, repaired) from stdin (format binary)",
            cancellationToken);
        foreach (var finding in report.Findings)
        {
            await writer.StartRowAsync(cancellationToken);
            await writer.WriteAsync(report.Id, NpgsqlDbType.Uuid, cancellationToken);
            await writer.WriteAsync(JsonNamingPolicy.SnakeCaseLower.ConvertName(finding.Kind.ToString()), NpgsqlDbType.Text, cancellationToken);
            await writer.WriteAsync(finding.FileName, NpgsqlDbType.Text, cancellationToken);
            await writer.WriteAsync(finding.Size, NpgsqlDbType.Bigint, cancellationToken);
            await writer.WriteAsync(finding.Bucket, NpgsqlDbType.Text, cancellationToken);
            await writer.WriteAsync(finding.ObjectName, NpgsqlDbType.Text, cancellationToken);
            await writer.WriteAsync(finding.Repaired, NpgsqlDbType.Boolean, cancellationToken);
        }

        await writer.CompleteAsync(cancellationToken);
    }
}
