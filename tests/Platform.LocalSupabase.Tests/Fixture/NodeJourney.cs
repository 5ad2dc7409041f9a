using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Platform.LocalSupabase.Tests.Fixture;

/// <summary>Runs a script of <c>tests/clients</c> with the official JavaScript client. No Node is a failure, never a skip.</summary>
internal static class NodeJourney
{
    private static readonly SemaphoreSlim Installing = new(1, 1);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    public static async Task RunAsync(
        string script, LocalSupabaseServer server, params (string Name, string Value)[] environment)
    {
        await InstallAsync();
        var (exitCode, output) = await StartAsync(
            "node",
            [script],
            [
                ("SUPABASE_URL", server.Url), ("SUPABASE_ANON_KEY", server.AnonKey),
                ("SUPABASE_SERVICE_ROLE_KEY", server.ServiceRoleKey), .. environment,
            ]);
        Assert.That(exitCode, Is.Zero, output);
    }

    /// <summary>Starts a script that serves until its standard input ends.</summary>
    public static async Task<Process> ServeAsync(string script, params string[] arguments)
    {
        await InstallAsync();
        return Start(new ProcessStartInfo("node", [script, .. arguments])
        {
            WorkingDirectory = Folder(),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        });
    }

    private static string Folder([CallerFilePath] string path = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "../../clients"));

    /// <summary>Installs the clients that the lock file names, unless that was done.</summary>
    public static async Task InstallAsync()
    {
        await Installing.WaitAsync();
        try
        {
            // The mark is written last by npm, so it tells a finished install of this very lock file.
            var mark = new FileInfo(Path.Combine(Folder(), "node_modules/.package-lock.json"));
            if (mark.Exists && mark.LastWriteTimeUtc >= File.GetLastWriteTimeUtc(Path.Combine(Folder(), "package-lock.json")))
            {
                return;
            }

            var (exitCode, output) = await StartAsync("npm", ["ci"], []);
            Assert.That(exitCode, Is.Zero, $"npm ci failed in {Folder()}:\n{output}");
        }
        finally
        {
            Installing.Release();
        }
    }

    private static async Task<(int ExitCode, string Output)> StartAsync(
        string program, string[] arguments, (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Folder(),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Start(start);
        using var limit = new CancellationTokenSource(Limit);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output + await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end within {Limit}.");
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new InvalidOperationException(
                $"The journeys need {start.FileName} (Node.js 20 or newer) on the PATH; it could not be started: {exception.Message}", exception);
        }
    }
}
