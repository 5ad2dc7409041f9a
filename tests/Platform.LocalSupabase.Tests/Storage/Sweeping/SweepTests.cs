using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Platform.LocalSupabase.Storage.Sweeping;
using Platform.LocalSupabase.Tests.Storage.Resumable;

namespace Platform.LocalSupabase.Tests.Storage.Sweeping;

public sealed class SweepTests : StorageTest
{
    private static readonly DateTime LongAgo = new(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [Test]
    public async Task Names_and_removes_files_without_a_row()
    {
        await StoreAsync(Ada, OwnPath("kept.txt"), "kept");
        var orphan = Place("objects/ab", $"{Guid.CreateVersion7():N}"[..30] + "ab");
        var unfinished = Place("incoming", $"{Guid.CreateVersion7():N}");
        var part = Place("uploads", $"{Guid.CreateVersion7():N}");
        var foreign = Place("objects/ab", "notes.txt");
        var fresh = Place("objects/cd", $"{Guid.CreateVersion7():N}"[..30] + "cd", old: false);

        var report = await SweepAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Kinds(report, orphan), Is.EqualTo(new[] { SweepKind.OrphanFile }));
            Assert.That(Kinds(report, unfinished), Is.EqualTo(new[] { SweepKind.UnfinishedUpload }));
            Assert.That(Kinds(report, part), Is.EqualTo(new[] { SweepKind.UnfinishedUpload }));
            Assert.That(Kinds(report, foreign), Is.EqualTo(new[] { SweepKind.UnknownFile }));
            Assert.That(new[] { orphan, unfinished, part }.Where(File.Exists), Is.Empty);
            Assert.That(File.Exists(foreign), "the service never wrote it");
            Assert.That(File.Exists(fresh), "its row may still come");
            Assert.That(await ReadAsync(Ada, OwnPath("kept.txt")), Is.EqualTo("kept"));
        }
    }

    [Test]
    public async Task Names_rows_without_a_file_and_leaves_them()
    {
        await StoreAsync(Ada, OwnPath("lost.txt"), "lost");
        var version = (string)(await SharedPostgres.SqlAsync(
            "select version from storage.objects where bucket_id = @bucket and name = @name", ("bucket", Bucket), ("name", OwnPath("lost.txt"))))!;
        File.Delete(StoredFiles().Single(file => Path.GetFileName(file) == Guid.Parse(version).ToString("N")));

        var report = await SweepAsync();

        var finding = report.Findings.Single(finding => finding.Bucket == Bucket && finding.ObjectName == OwnPath("lost.txt"));
        Assert.That((finding.Kind, finding.Repaired), Is.EqualTo((SweepKind.MissingFile, false)));
        var kept = await SharedPostgres.SqlAsync(
            """
            select count(*) from storage.sweep_findings
            where sweep_id = @id and kind = 'missing_file' and bucket_id = @bucket and object_name = @name and not repaired
            """,
            ("id", report.Id), ("bucket", Bucket), ("name", OwnPath("lost.txt")));
        Assert.That(kept, Is.EqualTo(1L), "the report is kept");
        using var info = await Ada.GetAsync(Url("/info", OwnPath("lost.txt")));
        Assert.That(info.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Gives_up_uploads_whose_time_is_over_and_no_others()
    {
        var upload = await Ada.BeginAsync(TusClient.Metadata(Bucket, OwnPath("slow.txt")), 10);
        var other = await Ada.BeginAsync(TusClient.Metadata(Bucket, OwnPath("alive.txt")), 10);
        foreach (var url in new[] { upload, other })
        {
            using var first = await Ada.AppendAsync(url, 0, "hello"u8.ToArray());
        }

        foreach (var file in Directory.GetFiles(Path.Combine(Server.StorageDirectory, "uploads")))
        {
            File.SetLastWriteTimeUtc(file, LongAgo);
        }

        await SharedPostgres.SqlAsync(
            "update storage.resumable_uploads set expires_at = '2020-01-01' where name = @name", ("name", OwnPath("slow.txt")));

        var report = await SweepAsync();

        using var late = await Ada.LookAsync(upload);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(report.Findings.Count(finding => finding.Kind == SweepKind.ExpiredUpload), Is.GreaterThanOrEqualTo(1));
            Assert.That((int)late.StatusCode, Is.EqualTo(404));
            Assert.That(await Ada.OffsetAsync(other), Is.EqualTo(5));
        }
    }

    [Test]
    public async Task Shows_people_nothing_of_uploads_and_reports()
    {
        await SweepAsync();

        foreach (var table in new[] { "resumable_uploads", "sweeps", "sweep_findings" })
        {
            Assert.That(
                async () => await SharedPostgres.SqlAsync($"set local role authenticated; select count(*) from storage.{table}"),
                Throws.InstanceOf<Npgsql.PostgresException>().With.Property("SqlState").EqualTo("42501"), table);
        }
    }

    private Task<SweepReport> SweepAsync() => Server.Services.GetRequiredService<StorageSweeper>().SweepAsync(atStart: false, CancellationToken.None);

    private static IEnumerable<SweepKind> Kinds(SweepReport report, string path) =>
        report.Findings.Where(finding => Path.GetFileName(finding.FileName) == Path.GetFileName(path)).Select(finding => finding.Kind);

    private string Place(string folder, string name, bool old = true)
    {
        var directory = Directory.CreateDirectory(Path.Combine(Server.StorageDirectory, folder)).FullName;
        var path = Path.Combine(directory, name);
        File.WriteAllText(path, "left behind");
        if (old)
        {
            File.SetLastWriteTimeUtc(path, LongAgo);
        }

        return path;
    }
}
