using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Platform.Connectors.DuckDb;

/// <summary>
/// The command line of a worker: without network, without rights, with bounds on memory, files and time, in an empty environment. Each
/// layer is used where the system has it; DuckDB's own lock stands in any case.
/// </summary>
internal sealed class WorkerSandbox(IOptions<DuckDbOptions> options, ILogger<WorkerSandbox> logger)
{
    // nobody: it owns nothing.
    private const string UserId = "65534";
    private const long ManagedHeapBytes = 384L * 1024 * 1024;
    private static readonly string[] ToolFolders = ["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin"];

    private readonly Lazy<IReadOnlyList<string>> _prefix = new(() => ChoosePrefix(options.Value, logger));

    /// <param name="folder">The worker's own folder.</param>
    public ProcessStartInfo Build(string folder)
    {
        string[] command =
        [
            .. _prefix.Value, Muxer, Program(options.Value), DuckDbWorkerVerb.VerbName, folder,
            options.Value.MemoryMegabytes.ToString(CultureInfo.InvariantCulture), options.Value.Threads.ToString(CultureInfo.InvariantCulture),
        ];
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            WorkingDirectory = "/",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        start.Environment["DOTNET_ROOT"] = Path.GetDirectoryName(Muxer);
        start.Environment["DOTNET_gcServer"] = "0";
        start.Environment["DOTNET_GCHeapHardLimit"] = ManagedHeapBytes.ToString("X", CultureInfo.InvariantCulture);
        start.Environment["DOTNET_TieredPGO"] = "0";
        // Diagnostics would open a socket in the temporary folder.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["LC_ALL"] = "C.UTF-8";
        return start;
    }

    private static string Muxer { get; } = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../..", "dotnet"));

    private static string Program(DuckDbOptions options) => options.WorkerProgram ?? Assembly.GetEntryAssembly()!.Location;

    private static List<string> ChoosePrefix(DuckDbOptions options, ILogger logger)
    {
        string[] rights = ["--inh-caps=-all", "--no-new-privs", "--"];
        var isRoot = Environment.UserName == "root";
        var network = isRoot ? Tool("unshare", "--net", "--") : Tool("unshare", "--net", "--map-current-user", "--");
        var user = isRoot
            ? Tool("setpriv", [$"--reuid={UserId}", $"--regid={UserId}", "--clear-groups", "--bounding-set=-all", .. rights])
            : Tool("setpriv", rights);
        // The memory beside DuckDB's own: the runtime's heap and code.
        var bytes = ((options.MemoryMegabytes + WorkerLimits.WideMegabytes) * 1024L * 1024) + ManagedHeapBytes + (512L * 1024 * 1024);
        var bounds = Tool(
            "prlimit", "--core=0", "--nofile=256",
            string.Create(CultureInfo.InvariantCulture, $"--data={bytes}"),
            string.Create(CultureInfo.InvariantCulture, $"--fsize={options.MaxFileMegabytes * 1024L * 1024}"), "--");

        var prefix = new List<string>();
        foreach (var (layer, name) in new[] { (network, "network"), (bounds, "bounds"), (user, "user") })
        {
            if (layer.Length > 0 && Works([.. prefix, .. layer], Program(options)))
            {
                prefix.AddRange(layer);
            }
            else
            {
                logger.SandboxLayerMissing(name);
            }
        }

        return prefix;
    }

    private static string[] Tool(string name, params string[] arguments) =>
        ToolFolders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists) is { } path ? [path, .. arguments] : [];

    // Also asks whether the worker's user can read the program at all.
    private static bool Works(string[] prefix, string program)
    {
        if (Tool("test") is not [var test])
        {
            return false;
        }

        using var process = Process.Start(new ProcessStartInfo(prefix[0], [.. prefix.Skip(1), test, "-r", program])
        {
            WorkingDirectory = "/",
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        });
        process!.WaitForExit();
        return process.ExitCode == 0;
    }
}
