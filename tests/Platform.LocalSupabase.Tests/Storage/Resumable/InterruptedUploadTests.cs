using System.Net.Sockets;
using System.Text;

namespace Platform.LocalSupabase.Tests.Storage.Resumable;

/// <summary>Connections that break, and writers that meet.</summary>
public sealed class InterruptedUploadTests : StorageTest
{
    [Test]
    public async Task Is_whole_after_a_hundred_cuts_at_random_places()
    {
        var random = new Random(20260807);
        var content = new byte[3 * 1024 * 1024];
        random.NextBytes(content);
        var upload = await Ada.BeginAsync(TusClient.Metadata(Bucket, OwnPath("cut.bin")), content.Length);
        var moved = 0;

        for (var cut = 0; cut < 100; cut++)
        {
            var offset = await Ada.OffsetAsync(upload);
            var room = Math.Max(1, (content.Length - (int)offset) / (100 - cut));
            await SendAndCutAsync(upload, offset, content.AsMemory((int)offset, random.Next(1, room + 1)), content.Length - offset);
            moved += await HasMovedAsync(upload, offset) ? 1 : 0;
        }

        var last = await Ada.OffsetAsync(upload);
        using var rest = await Ada.AppendAsync(upload, last, content[(int)last..]);
        await rest.ExpectTusAsync(204);
        using var download = await Ada.GetAsync(Url("/authenticated", OwnPath("cut.bin")));
        Assert.That((await download.Content.ReadAsByteArrayAsync()).AsSpan().SequenceEqual(content), Is.True);
        Assert.That(moved, Is.GreaterThan(50), "most cuts left bytes that counted");
    }

    [Test]
    public async Task Has_one_writer_at_a_time()
    {
        var upload = await Ada.BeginAsync(TusClient.Metadata(Bucket, OwnPath("two.bin")), 10);
        using var first = await OpenAsync(upload, 0, 5);
        await first.GetStream().WriteAsync("he"u8.ToArray());
        await Task.Delay(50);

        using var second = await Ada.AppendAsync(upload, 0, "HELLO"u8.ToArray());

        await second.ExpectTusAsync(423);
        await first.GetStream().WriteAsync("llo"u8.ToArray());
        await first.GetStream().ReadExactlyAsync(new byte[1]);
        Assert.That(await Ada.OffsetAsync(upload), Is.EqualTo(5));
        using var last = await Ada.AppendAsync(upload, 5, "world"u8.ToArray());
        await last.ExpectTusAsync(204);
        Assert.That(await ReadAsync(Ada, OwnPath("two.bin")), Is.EqualTo("helloworld"));
    }

    [Test]
    public async Task Makes_one_object_of_the_same_last_part_sent_many_times_at_once()
    {
        var upload = await Ada.BeginAsync(TusClient.Metadata(Bucket, OwnPath("race.bin")), 5);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Ada.AppendAsync(upload, 0, "hello"u8.ToArray())));

        var statuses = answers.Select(answer => (int)answer.StatusCode).ToList();
        Assert.That(statuses.Count(status => status == 204), Is.EqualTo(1), string.Join(' ', statuses));
        Assert.That(statuses, Is.All.AnyOf(204, 409, 423));
        Assert.That(await ReadAsync(Ada, OwnPath("race.bin")), Is.EqualTo("hello"));
    }

    // The server notices the end of a connection on its own, a little later.
    private async Task<bool> HasMovedAsync(Uri upload, long offset)
    {
        for (var attempt = 0; attempt < 50; attempt++)
        {
            if (await Ada.OffsetAsync(upload) > offset)
            {
                return true;
            }

            await Task.Delay(5);
        }

        return false;
    }

    private async Task SendAndCutAsync(Uri upload, long offset, ReadOnlyMemory<byte> content, long announced)
    {
        using var connection = await OpenAsync(upload, offset, announced);
        var stream = connection.GetStream();
        await stream.WriteAsync(content);
        // The policies are asked first, and bytes that come with the end of the connection are given to nobody.
        await Task.Delay(25);
        connection.Client.Shutdown(SocketShutdown.Send);
    }

    private async Task<TcpClient> OpenAsync(Uri upload, long offset, long length)
    {
        var connection = new TcpClient();
        await connection.ConnectAsync(upload.Host, upload.Port);
        var head =
            $"""
            PATCH {upload.PathAndQuery} HTTP/1.1
            Host: {upload.Authority}
            apikey: {Server.AnonKey}
            Authorization: Bearer {TokenOf(AdaId)}
            Tus-Resumable: 1.0.0
            Content-Type: application/offset+octet-stream
            Upload-Offset: {offset}
            Content-Length: {length}


            """.ReplaceLineEndings("\r\n");
        await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head));
        return connection;
    }
}
