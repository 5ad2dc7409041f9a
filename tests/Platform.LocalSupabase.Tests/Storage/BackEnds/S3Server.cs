using System.Diagnostics;
using Platform.LocalSupabase.Storage.Options;
using Platform.LocalSupabase.Tests.Fixture;
using Platform.LocalSupabase.Tests.Postgres;

namespace Platform.LocalSupabase.Tests.Storage.BackEnds;

/// <summary>An S3 server of somebody else (s3rver, in Node), with files in a folder of its own.</summary>
internal sealed class S3Server : IAsyncDisposable
{
    private const string Bucket = "objects-of-the-tests";

    private readonly TemporaryDirectory _directory = new();
    private Process _process = null!;

    public S3Options Options { get; private set; } = null!;

    public static async Task<S3Server> StartAsync()
    {
        var server = new S3Server();
        server._process = await NodeJourney.ServeAsync("s3.mjs", server._directory.Path, Bucket);
        var url = await server._process.StandardOutput.ReadLineAsync();
        Assert.That(url, Does.StartWith("http://"), await EndOf(url, server._process));
        server.Options = new S3Options { ServiceUrl = url, Bucket = Bucket, Prefix = "files/", AccessKey = "S3RVER", SecretKey = "S3RVER" };
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _directory.Dispose();
    }

    private static async Task<string> EndOf(string? url, Process process) => url is null ? await process.StandardError.ReadToEndAsync() : "";
}
