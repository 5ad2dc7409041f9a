using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Platform.LocalSupabase.Files;

namespace Platform.LocalSupabase.Tests.Postgres;

/// <summary>The small Host in a process of its own, so that a test can kill it.</summary>
internal sealed class TestHostProcess : IAsyncDisposable
{
    private const string ProgramName = "Platform.LocalSupabase.TestHost";

    private readonly Process _process;

    private TestHostProcess(Process process, string answer)
    {
        _process = process;
        Answer = answer;
    }

    /// <summary>"ready PORT MILLISECONDS", "ready URL" or "failed CODE MESSAGE".</summary>
    public string Answer { get; }

    public int Port => int.Parse(Answer.Split(' ')[1], CultureInfo.InvariantCulture);

    public static Task<TestHostProcess> StartAsync(string dataDirectory) =>
        StartAsync(new ProcessStartInfo(ProgramPath, [dataDirectory]));

    /// <summary>The storage service alone, on a database that is there already.</summary>
    public static Task<TestHostProcess> StartStorageAsync(string directory, string options) =>
        StartAsync(new ProcessStartInfo(ProgramPath, ["storage", directory, options]));

    /// <summary>As "nobody", from a copy of the program in a place that everybody may read.</summary>
    public static async Task<TestHostProcess> StartUnprivilegedAsync(string dataDirectory, TemporaryDirectory copyTo)
    {
        File.SetUnixFileMode(copyTo.Path, (UnixFileMode)0b111_101_101);
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(ProgramPath)!))
        {
            File.Copy(file, copyTo.File(Path.GetFileName(file)));
        }

        var program = copyTo.File(Path.GetFileName(ProgramPath));
        return await StartAsync(new ProcessStartInfo(
            "setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", "--", program, dataDirectory]));
    }

    public async Task KillAsync()
    {
        LibC.Kill(_process.Id, LibC.SignalKill);
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.StandardInput.Close();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    /// <summary>In its own output folder, where only what it needs lies beside it.</summary>
    private static string ProgramPath => Path.Combine(
        AppContext.BaseDirectory.Replace("Platform.LocalSupabase.Tests", ProgramName, StringComparison.Ordinal), ProgramName);

    private static async Task<TestHostProcess> StartAsync(ProcessStartInfo start)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));
        var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, line) => TestContext.Progress.WriteLine(line.Data);
        process.BeginErrorReadLine();
        var answer = await process.StandardOutput.ReadLineAsync();
        return new TestHostProcess(process, answer ?? "ended without an answer");
    }
}
