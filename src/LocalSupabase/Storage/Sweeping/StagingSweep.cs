using Platform.LocalSupabase.Database;
using Platform.LocalSupabase.Storage.BackEnds;
using Platform.LocalSupabase.Storage.Files;
using Platform.LocalSupabase.Storage.Resumable;

namespace Platform.LocalSupabase.Storage.Sweeping;

/// <summary>Takes away bytes that came in and belong to no upload any more, and uploads in parts whose time is over.</summary>
internal sealed class StagingSweep(StorageDatabase database, StagingArea staging, UploadLocks locks, TimeProvider clock)
{
    /// <param name="writtenBefore">Files written later may belong to a request that is still at it.</param>
    /// <param name="cancellationToken">Ends the sweep.</param>
    public async Task<List<SweepFinding>> RunAsync(DateTimeOffset writtenBefore, CancellationToken cancellationToken)
    {
        var findings = new List<SweepFinding>();
        foreach (var file in FilesOf(staging.Incoming).Where(file => file.LastWriteTimeUtc < writtenBefore))
        {
            findings.Add(Remove(SweepKind.UnfinishedUpload, file));
        }

        foreach (var id in await ExpiredAsync(cancellationToken))
        {
            using var held = await locks.TakeAsync(id, cancellationToken);
            await RemoveRowAsync(id, cancellationToken);
            var file = new FileInfo(staging.UploadPathOf(id));
            findings.Add(file.Exists
                ? Remove(SweepKind.ExpiredUpload, file)
                : new SweepFinding(SweepKind.ExpiredUpload, file.Name, Repaired: true));
        }

        findings.AddRange(await WithoutRowAsync(writtenBefore, cancellationToken));
        return findings;
    }

    private async Task<List<SweepFinding>> WithoutRowAsync(DateTimeOffset writtenBefore, CancellationToken cancellationToken)
    {
        var files = FilesOf(staging.Uploads).Where(file => file.LastWriteTimeUtc < writtenBefore).ToList();
        var ids = files.Select(file => Guid.TryParseExact(file.Name, "N", out var id) ? id : Guid.Empty).ToArray();
        var known = (await database.AsServiceAsync(
            connection => connection.Command(
                "select id from storage.resumable_uploads where id = any(@ids) and not completed", ("ids", ids))
                .ListAsync(row => FileNames.Of(row.GetGuid(0)), cancellationToken),
            cancellationToken)).ToHashSet();
        return [.. files.Where(file => !known.Contains(file.Name)).Select(file => Remove(SweepKind.UnfinishedUpload, file))];
    }

    private Task<List<Guid>> ExpiredAsync(CancellationToken cancellationToken) => database.AsServiceAsync(
        connection => connection.Command(
            "select id from storage.resumable_uploads where expires_at <= @now", ("now", clock.GetUtcNow()))
            .ListAsync(row => row.GetGuid(0), cancellationToken),
        cancellationToken);

    private Task<int> RemoveRowAsync(Guid id, CancellationToken cancellationToken) => database.AsServiceAsync(
        connection => connection.Command("delete from storage.resumable_uploads where id = @id", ("id", id)).ExecuteAsync(cancellationToken),
        cancellationToken);

    private static FileInfo[] FilesOf(string directory) => new DirectoryInfo(directory).GetFiles();

    private static SweepFinding Remove(SweepKind kind, FileInfo file)
    {
        var size = file.Exists ? file.Length : 0;
        file.Delete();
        return new SweepFinding(kind, file.Name, size, Repaired: true);
    }
}
