using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Platform.Connectors.Tests.Sources;

/// <summary>A script of <c>tests/clients</c> that serves until its standard input ends. No Node is a failure, never a skip.</summary>
internal sealed class NodeServer : IAsyncDisposable
{
    private static readonly SemaphoreSlim Installing = new(1, 1);
    private readonly Process _process;

    private NodeServer(Process process, string url) => (_process, Url) = (process, url);

    public string Url { get; }

    public static async Task<NodeServer> StartAsync(string script, params string[] arguments)
    {
        await InstallAsync();
        var process = Start("node", [script, .. arguments]);
        var url = await process.StandardOutput.ReadLineAsync();
        Assert.That(url, Does.StartWith("http://"), url is null ? await process.StandardError.ReadToEndAsync() : "");
        return new NodeServer(process, url!);
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    // ./dev test has done that already; a test that is run by itself has not.
    private static async Task InstallAsync()
    {
        await Installing.WaitAsync();
        try
        {
            var mark = new FileInfo(Path.Combine(Folder(), "node_modules/.package-lock.json"));
            if (mark.Exists && mark.LastWriteTimeUtc >= File.GetLastWriteTimeUtc(Path.Combine(Folder(), "package-lock.json")))
            {
                return;
            }

            using var process = Start("npm", ["ci", "--no-audit", "--no-fund"]);
            var errors = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            Assert.That(process.ExitCode, Is.Zero, $"npm ci failed in {Folder()}: {errors}");
        }
        finally
        {
            Installing.Release();
        }
    }

    private static string Folder([CallerFilePath] string path = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "../../clients"));

    private static Process Start(string program, string[] arguments) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        WorkingDirectory = Folder(),
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;
}
