using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Platform.LocalSupabase.Storage.BackEnds;
using Platform.LocalSupabase.Storage.Options;
using Platform.LocalSupabase.Storage.Sweeping;
using Platform.LocalSupabase.Tests.Fixture;
using Platform.LocalSupabase.Tests.Storage.Resumable;

namespace Platform.LocalSupabase.Tests.Storage.BackEnds;

/// <summary>The same service with its files on an S3 server.</summary>
public sealed class S3BackEndTests : StorageTest
{
    private S3Server _s3 = null!;

    internal override async Task<LocalSupabaseServer> StartAsync()
    {
        _s3 = await S3Server.StartAsync();
        return await LocalSupabaseServer.StartAsync(setup: new ServerSetup
        {
            Storage = new StorageOptions { BackEnd = "s3", S3 = _s3.Options, SweepMinutes = 0, SweepGraceMinutes = 1 },
        });
    }

    [OneTimeTearDown]
    public async Task StopS3Async() => await _s3.DisposeAsync();

    [Test]
    public async Task Keeps_and_gives_back_files_of_all_sizes()
    {
        // The last one goes up in several parts.
        foreach (var size in new[] { 0, 1, 100_000, 20_000_000 })
        {
            var content = new byte[size];
            new Random(size).NextBytes(content);
            await PutAsync($"size-{size}", content);

            using var response = await Ada.GetAsync(Url("/authenticated", OwnPath($"size-{size}")));

            var read = await response.Content.ReadAsByteArrayAsync();
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(read.AsSpan().SequenceEqual(content), Is.True, $"{size} bytes");
        }

        Assert.That(StoredFiles(), Is.Empty, "nothing stays on the local disk");
    }

    [TestCase("bytes=0-4", "hello")]
    [TestCase("bytes=6-", "world")]
    [TestCase("bytes=-3", "rld")]
    public async Task Gives_a_part(string range, string expected)
    {
        await StoreAsync(Ada, OwnPath("part.txt"), "hello world");
        using var request = new HttpRequestMessage(HttpMethod.Get, Url("/authenticated", OwnPath("part.txt")));
        request.Headers.Range = RangeHeaderValue.Parse(range);

        using var response = await Ada.SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.PartialContent));
        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo(expected));
    }

    [Test]
    public async Task Takes_uploads_in_parts_and_copies()
    {
        var upload = await Ada.BeginAsync(TusClient.Metadata(Bucket, OwnPath("parts.txt")), 10);
        using var first = await Ada.AppendAsync(upload, 0, "hello"u8.ToArray());
        using var last = await Ada.AppendAsync(upload, 5, "world"u8.ToArray());

        using var copied = await Ada.PostAsJsonAsync(
            "/storage/v1/object/copy",
            new { bucketId = Bucket, sourceKey = OwnPath("parts.txt"), destinationKey = OwnPath("copy.txt") });

        await last.ExpectTusAsync(204);
        await ExpectAsync(copied, HttpStatusCode.OK);
        Assert.That(await ReadAsync(Ada, OwnPath("copy.txt")), Is.EqualTo("helloworld"));
    }

    [Test]
    public async Task Leaves_no_file_behind_that_was_replaced_or_removed()
    {
        var before = await FilesAsync();
        await StoreAsync(Ada, OwnPath("gone.txt"), "one");
        await StoreAsync(Ada, OwnPath("gone.txt"), "two");
        var during = await FilesAsync();

        using var removed = await Ada.DeleteAsync(Url("", OwnPath("gone.txt")));

        await ExpectAsync(removed, HttpStatusCode.OK);
        Assert.That(during, Has.Count.EqualTo(before.Count + 1));
        Assert.That(await FilesAsync(), Is.EquivalentTo(before));
    }

    [Test]
    public async Task Sweeps_files_without_a_row_once_they_are_old()
    {
        await StoreAsync(Ada, OwnPath("kept.txt"), "kept");
        var backEnd = Server.Services.GetRequiredService<IObjectBackEnd>();
        var orphan = Guid.CreateVersion7();
        var path = Path.Combine(Server.StorageDirectory, "orphan");
        await File.WriteAllTextAsync(path, "left behind");
        await backEnd.PublishAsync(orphan, path, CancellationToken.None);
        File.Delete(path);
        var sweeper = Server.Services.GetRequiredService<StorageSweeper>();

        var early = await sweeper.SweepAsync(atStart: true, CancellationToken.None);
        Server.Clock.Advance(TimeSpan.FromMinutes(5));
        var late = await sweeper.SweepAsync(atStart: false, CancellationToken.None);

        bool Named(SweepReport report) => report.Findings.Any(finding => finding is { Kind: SweepKind.OrphanFile, Repaired: true }
            && finding.FileName == orphan.ToString("N"));
        Assert.That((Named(early), Named(late)), Is.EqualTo((false, true)), "another node may be about to write its row");
        Assert.That(await backEnd.ExistsAsync(orphan, CancellationToken.None), Is.False);
        Assert.That(await ReadAsync(Ada, OwnPath("kept.txt")), Is.EqualTo("kept"));
    }

    private async Task PutAsync(string name, byte[] content)
    {
        using var body = new ByteArrayContent(content);
        using var response = await Ada.PutAsync(Url("", OwnPath(name)), body);
        await ExpectAsync(response, HttpStatusCode.OK);
    }

    private async Task<List<string>> FilesAsync()
    {
        var backEnd = Server.Services.GetRequiredService<IObjectBackEnd>();
        var names = new List<string>();
        foreach (var part in FileNames.Parts)
        {
            await foreach (var file in backEnd.ListAsync(part, CancellationToken.None))
            {
                names.Add(file.Name);
            }
        }

        return names;
    }
}
