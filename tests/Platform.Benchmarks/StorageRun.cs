using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Platform.Benchmarks;

/// <summary>
/// Files of 64 MiB up and down through HTTP, in turns with the same bytes written to and read from the same disk by this process. Raw
/// sockets, because the client shares the machine with what it measures.
/// </summary>
internal static class StorageRun
{
    private const int FileSize = 64 * 1024 * 1024;
    private const int ChunkSize = 1024 * 1024;
    private const int Rounds = 8;

    // So many files the runtime takes to have its code compiled in the background.
    private const int WarmUp = 60;
    private const string Bucket = "bench";

    public static async Task RunAsync(HostProcess host, string dataDirectory, HttpClient client)
    {
        var key = host.Connection.GetProperty("service_role_key").GetString()!;
        using var bucket = new HttpRequestMessage(HttpMethod.Post, new Uri(host.Url, "/storage/v1/bucket"))
        {
            Content = new StringContent($$"""{"name":"{{Bucket}}"}""", Encoding.UTF8, "application/json"),
        };
        bucket.Headers.Add("apikey", key);
        bucket.Headers.Add("Authorization", $"Bearer {key}");
        (await client.SendAsync(bucket)).EnsureSuccessStatusCode();

        var content = RandomNumberGenerator.GetBytes(FileSize);
        var (diskWrite, upload, diskRead, download) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        var work = new List<(double Up, double Down)>();
        var before = host.ResidentMegabytes;
        var most = before;
        for (var round = 0; round < Rounds + WarmUp; round++)
        {
            var path = Path.Combine(dataDirectory, $"bare-{round}.bin");
            var written = await TimeAsync(() => WriteAsync(path, content));
            var started = host.CpuTime;
            var uploaded = await TimeAsync(() => UploadAsync(host, key, $"{round}.bin", content));
            var uploadWork = host.CpuTime - started;
            // Both are read from the disk, and not from what the kernel remembers of the writes.
            Forget(path);
            Array.ForEach(Directory.GetFiles(Path.Combine(dataDirectory, "storage", "objects"), "*", SearchOption.AllDirectories), Forget);
            var read = await TimeAsync(() => ReadAsync(path));
            started = host.CpuTime;
            var downloaded = await TimeAsync(() => DownloadAsync(host, key, $"{round}.bin"));
            var downloadWork = host.CpuTime - started;
            File.Delete(path);
            most = Math.Max(most, host.ResidentMegabytes);
            if (round >= WarmUp)
            {
                diskWrite.Add(written);
                upload.Add(uploaded);
                diskRead.Add(read);
                download.Add(downloaded);
                work.Add((uploadWork.TotalMilliseconds, downloadWork.TotalMilliseconds));
            }
        }

        Console.WriteLine();
        Console.WriteLine($"storage, {FileSize >> 20} MiB a file, medians of {Rounds}");
        Report("upload", upload, "write and fsync", diskWrite);
        Report("download", download, "read", diskRead);
        Console.WriteLine(
            $"  the Host's processor time a file: {Median([.. work.Select(file => file.Up)]):F0} ms up, "
            + $"{Median([.. work.Select(file => file.Down)]):F0} ms down");
        Console.WriteLine($"  resident memory   {before:F0} MiB before, {most:F0} MiB at most (+{most - before:F0})");
    }

    private static void Report(string name, List<double> ours, string bareName, List<double> bare) => Console.WriteLine(
        $"  {name,-10} {Rate(ours),6:F0} MiB/s   disk, {bareName,-16} {Rate(bare),6:F0} MiB/s   {Median(bare) / Median(ours),6:P0}");

    private static double Rate(List<double> seconds) => (FileSize >> 20) / Median(seconds);

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static void Forget(string path)
    {
        using var program = Process.Start("dd", [$"if={path}", "iflag=nocache", "count=0", "status=none"]);
        program.WaitForExit();
    }

    private static async Task<double> TimeAsync(Func<Task> work)
    {
        var started = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task WriteAsync(string path, byte[] content)
    {
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (var written = 0; written < content.Length; written += ChunkSize)
        {
            file.Write(content, written, ChunkSize);
        }

        file.Flush(flushToDisk: true);
    }

    private static Task ReadAsync(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        var buffer = new byte[ChunkSize];
        while (file.Read(buffer) > 0)
        {
        }

        return Task.CompletedTask;
    }

    private static async Task UploadAsync(HostProcess host, string key, string name, byte[] content)
    {
        using var socket = await ConnectAsync(host);
        await socket.SendAsync(Head(host, "POST", name, key, $"Content-Type: application/octet-stream\r\nContent-Length: {content.Length}\r\n"));
        for (var sent = 0; sent < content.Length;)
        {
            sent += await socket.SendAsync(content.AsMemory(sent, Math.Min(ChunkSize, content.Length - sent)));
        }

        await ReceiveAsync(socket);
    }

    private static async Task DownloadAsync(HostProcess host, string key, string name)
    {
        using var socket = await ConnectAsync(host);
        await socket.SendAsync(Head(host, "GET", name, key, ""));
        var received = await ReceiveAsync(socket);
        if (received < FileSize)
        {
            throw new InvalidOperationException($"The download ended at {received} bytes.");
        }
    }

    private static async Task<Socket> ConnectAsync(HostProcess host)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, host.Url.Port);
        return socket;
    }

    private static byte[] Head(HostProcess host, string method, string name, string key, string more) => Encoding.ASCII.GetBytes(
        $"{method} /storage/v1/object/{(method == "GET" ? "authenticated/" : "")}{Bucket}/{name} HTTP/1.1\r\nHost: {host.Url.Authority}\r\n"
        + $"apikey: {key}\r\nAuthorization: Bearer {key}\r\nConnection: close\r\n{more}\r\n");

    // Reads to the end of the connection; the first line must be a success.
    private static async Task<long> ReceiveAsync(Socket socket)
    {
        var buffer = new byte[ChunkSize];
        long received = 0;
        int read;
        while ((read = await socket.ReceiveAsync(buffer)) > 0)
        {
            if (received == 0 && !Encoding.ASCII.GetString(buffer, 0, read).StartsWith("HTTP/1.1 200", StringComparison.Ordinal))
            {
                throw new InvalidOperationException(Encoding.UTF8.GetString(buffer, 0, Math.Min(read, 500)));
            }

            received += read;
        }

        return received;
    }
}
