using Platform.LocalSupabase.Database;
using Platform.LocalSupabase.Storage.BackEnds;

namespace Platform.LocalSupabase.Storage.Sweeping;

/// <summary>
/// Compares the store with the rows of objects, one part of 256 at a time. Both go on changing meanwhile, so whatever looks wrong is
/// looked at once more by itself before it counts.
/// </summary>
internal sealed class ObjectSweep(StorageDatabase database, IObjectBackEnd backEnd)
{
    private const string Uuid = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$";

    private sealed record Row(Guid Version, string Bucket, string Name);

    public long Files { get; private set; }

    public long Objects { get; private set; }

    /// <param name="writtenBefore">Files written later may still be waiting for their row.</param>
    /// <param name="cancellationToken">Ends the sweep.</param>
    public async Task<List<SweepFinding>> RunAsync(DateTimeOffset writtenBefore, CancellationToken cancellationToken)
    {
        var findings = new List<SweepFinding>();
        foreach (var part in FileNames.Parts)
        {
            var files = new Dictionary<Guid, KeptFile>();
            await foreach (var file in backEnd.ListAsync(part, cancellationToken))
            {
                Files++;
                if (file.Version is { } version)
                {
                    files[version] = file;
                }
                else
                {
                    findings.Add(new SweepFinding(SweepKind.UnknownFile, $"{part}/{file.Name}", file.Size));
                }
            }

            var rows = await RowsAsync(part, cancellationToken);
            Objects += rows.Count;
            var known = rows.Select(row => row.Version).ToHashSet();
            var orphans = files.Values.Where(file => !known.Contains(file.Version!.Value) && file.ModifiedAt < writtenBefore).ToList();
            findings.AddRange(await RemoveAsync(orphans, cancellationToken));
            findings.AddRange(await MissingAsync(rows.Where(row => !files.ContainsKey(row.Version)).ToList(), cancellationToken));
        }

        findings.AddRange(await WithoutVersionAsync(cancellationToken));
        return findings;
    }

    private Task<List<Row>> RowsAsync(string part, CancellationToken cancellationToken) => database.AsServiceAsync(
        connection => connection.Command(
            $"select version, bucket_id, name from storage.objects where right(version, 2) = @part and version ~ '{Uuid}'",
            ("part", part)).ListAsync(row => new Row(Guid.Parse(row.GetString(0)), row.GetString(1), row.GetString(2)), cancellationToken),
        cancellationToken);

    private async Task<List<SweepFinding>> RemoveAsync(List<KeptFile> orphans, CancellationToken cancellationToken)
    {
        if (orphans.Count == 0)
        {
            return [];
        }

        var used = (await database.AsServiceAsync(
            connection => connection.Command(
                "select version from storage.objects where version = any(@versions)",
                ("versions", orphans.Select(file => file.Version!.Value.ToString()).ToArray()))
                .ListAsync(row => Guid.Parse(row.GetString(0)), cancellationToken),
            cancellationToken)).ToHashSet();
        var findings = new List<SweepFinding>();
        foreach (var file in orphans.Where(file => !used.Contains(file.Version!.Value)))
        {
            await backEnd.DeleteAsync(file.Version!.Value, cancellationToken);
            findings.Add(new SweepFinding(SweepKind.OrphanFile, file.Name, file.Size, Repaired: true));
        }

        return findings;
    }

    private async Task<List<SweepFinding>> MissingAsync(List<Row> suspects, CancellationToken cancellationToken)
    {
        var findings = new List<SweepFinding>();
        foreach (var row in suspects)
        {
            if (!await backEnd.ExistsAsync(row.Version, cancellationToken) && await StillStandsAsync(row, cancellationToken))
            {
                findings.Add(new SweepFinding(SweepKind.MissingFile, FileNames.Of(row.Version), Bucket: row.Bucket, ObjectName: row.Name));
            }
        }

        return findings;
    }

    private Task<bool> StillStandsAsync(Row row, CancellationToken cancellationToken) => database.AsServiceAsync(
        connection => connection.Command(
            "select exists (select from storage.objects where bucket_id = @bucket and name = @name and version = @version)",
            ("bucket", row.Bucket), ("name", row.Name), ("version", row.Version.ToString())).ScalarAsync<bool>(cancellationToken),
        cancellationToken);

    /// <summary>Rows that SQL wrote never had a file.</summary>
    private Task<List<SweepFinding>> WithoutVersionAsync(CancellationToken cancellationToken) => database.AsServiceAsync(
        connection => connection.Command(
            $"select bucket_id, name from storage.objects where version is null or version !~ '{Uuid}'")
            .ListAsync(
                row => new SweepFinding(SweepKind.MissingFile, null, Bucket: row.GetString(0), ObjectName: row.GetString(1)),
                cancellationToken),
        cancellationToken);
}
