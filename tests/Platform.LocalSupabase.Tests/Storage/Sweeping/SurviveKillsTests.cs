using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using Platform.LocalSupabase.Tests.Storage.Resumable;

namespace Platform.LocalSupabase.Tests.Storage.Sweeping;

/// <summary>
/// kill -9 at random points of uploads, replacements, uploads in parts and removals, eight at a time. PLATFORM_STORAGE_KILLS says how
/// often; every time is the death of a process.
/// </summary>
public sealed class SurviveKillsTests
{
    private const int Writers = 8;
    private const int DefaultKills = 12;
    private const string Removed = "";

    private readonly ConcurrentDictionary<string, List<string>> _possible = new();

    [Test]
    public async Task Leaves_no_row_without_bytes_and_no_bytes_that_the_sweep_does_not_name()
    {
        var kills = int.TryParse(Environment.GetEnvironmentVariable("PLATFORM_STORAGE_KILLS"), CultureInfo.InvariantCulture, out var given)
            ? given
            : DefaultKills;
        var random = new Random(kills);
        var orphans = 0;
        await using var storage = new KilledStorage();
        await storage.CreateBucketAsync();
        await storage.StartAsync();

        for (var kill = 0; kill < kills; kill++)
        {
            var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => WriteAsync(storage, writer, random.Next())));
            await Task.Delay(random.Next(1, 600));
            await storage.KillAsync();
            await writing;
            var left = await storage.OrphansAsync();
            orphans += left.Count;

            var restarted = TimeProvider.System.GetUtcNow();
            await storage.StartAsync();
            await KilledStorage.AssertNamedAsync(left, restarted);
            await AssertWholeAsync(storage, kill);
            if ((kill + 1) % 100 == 0)
            {
                await TestContext.Progress.WriteLineAsync($"{kill + 1} kills, {orphans} files without a row, all named and removed");
            }
        }

        Assert.That(_possible, Is.Not.Empty);
    }

    private async Task AssertWholeAsync(KilledStorage storage, int kill)
    {
        Assert.That(await storage.OrphansAsync(), Is.Empty, $"after kill {kill}");
        var rows = await storage.RowsAsync();
        foreach (var (name, possible) in _possible)
        {
            var version = rows.SingleOrDefault(row => row.Value == name).Key;
            var content = version is null ? Removed : Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(storage.PathOf(version))));
            Assert.That(possible, Does.Contain(content), $"{name} after kill {kill}");
            _possible[name] = [content];
        }

        Assert.That(storage.FilesIn("objects"), Is.EquivalentTo(rows.Keys), $"after kill {kill}");
    }

    private async Task WriteAsync(KilledStorage storage, int writer, int seed)
    {
        var random = new Random(seed);
        try
        {
            while (true)
            {
                var content = new byte[random.Next(1, 200_000)];
                random.NextBytes(content);
                var name = $"{writer}/{random.Next(4)}.bin";
                await ActAsync(storage, name, content, random.Next(8));
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException or OperationCanceledException)
        {
            // The process is dead.
        }
    }

    private async Task ActAsync(KilledStorage storage, string name, byte[] content, int choice)
    {
        var states = _possible.GetOrAdd(name, _ => [Removed]);
        var outcome = choice == 0 ? Removed : Convert.ToHexStringLower(SHA256.HashData(content));
        states.Add(outcome);
        switch (choice)
        {
            case 0:
                using (var removed = await storage.Client.DeleteAsync($"/storage/v1/object/{storage.Bucket}/{name}"))
                {
                    await removed.Content.ReadAsByteArrayAsync();
                }

                break;
            case 1:
                var upload = await storage.Client.BeginAsync(TusClient.Metadata(storage.Bucket, name), content.Length, ("x-upsert", "true"));
                var half = content.Length / 2;
                using (var first = await storage.Client.AppendAsync(upload, 0, content[..half]))
                using (var last = await storage.Client.AppendAsync(upload, half, content[half..]))
                {
                    Assert.That((int)last.StatusCode, Is.EqualTo(204));
                }

                break;
            default:
                using (var body = new ByteArrayContent(content))
                using (var stored = await storage.Client.PutAsync($"/storage/v1/object/{storage.Bucket}/{name}", body))
                {
                    Assert.That((int)stored.StatusCode, Is.EqualTo(200));
                }

                break;
        }

        // It was acknowledged, so nothing else is possible any more.
        _possible[name] = [outcome];
    }
}
