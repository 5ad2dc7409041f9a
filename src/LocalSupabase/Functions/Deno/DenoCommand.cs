using System.Globalization;

namespace Platform.LocalSupabase.Functions.Deno;

/// <summary>The programs and places of one process of a function.</summary>
internal sealed record DenoPlaces(string Deno, string? Bubblewrap, string Cache, string Bootstrap, string SocketFolder);

/// <summary>The command line that runs a function with its limits, in a file system of its own where that is wanted.</summary>
internal static class DenoCommand
{
    public const string Socket = "socket";

    private const string SandboxSocketFolder = "/run/function";
    private const string SandboxCache = "/cache";
    private const string SandboxBootstrap = "/bootstrap.js";
    private const string SandboxDeno = "/deno";

    // V8 reserves this much writable address space before it runs anything; RLIMIT_DATA counts it.
    private const long ReservedByV8 = 640L * 1024 * 1024;

    // What looking up names and checking certificates takes.
    private static readonly string[] SystemFiles = ["/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/ssl"];

    /// <summary>The program and its arguments. A death of the host's starting thread takes the process with it.</summary>
    public static (string Program, List<string> Arguments) Build(DenoPlaces places, FunctionSource source, int memoryMegabytes)
    {
        var data = (ReservedByV8 + (memoryMegabytes * 1024L * 1024)).ToString(CultureInfo.InvariantCulture);
        List<string> limits = ["/usr/bin/prlimit", $"--data={data}", "--core=0", "--nofile=1024"];
        var temporary = TemporaryFolderFor(places);
        return places.Bubblewrap is null
            ? ("/usr/bin/setpriv", ["--pdeathsig", "KILL", .. limits, places.Deno, .. Run(
                places, source, memoryMegabytes, places.Bootstrap, temporary, path => path)])
            : (places.Bubblewrap, [.. Sandbox(places, source), .. limits, SandboxDeno, .. Run(
                places with { SocketFolder = SandboxSocketFolder }, source, memoryMegabytes, SandboxBootstrap, temporary,
                path => InSandbox(source, path))]);
    }

    /// <summary>Where the function finds its socket.</summary>
    public static string SocketFor(DenoPlaces places) =>
        Path.Combine(places.Bubblewrap is null ? places.SocketFolder : SandboxSocketFolder, Socket);

    /// <summary>Where the function may write: /tmp, which outside of a sandbox is a folder of its own.</summary>
    public static string TemporaryFolderFor(DenoPlaces places) => places.Bubblewrap is null ? places.SocketFolder : "/tmp";

    /// <summary>Where the function finds its modules.</summary>
    public static string CacheFor(DenoPlaces places) => places.Bubblewrap is null ? places.Cache : SandboxCache;

    private static string InSandbox(FunctionSource source, string path) => $"/functions/{Path.GetRelativePath(source.Root, path)}";

    private static IEnumerable<string> Run(
        DenoPlaces places, FunctionSource source, int memoryMegabytes, string bootstrap, string temporary, Func<string, string> at)
    {
        var socket = Path.Combine(places.SocketFolder, Socket);
        var readable = string.Join(',', source.Folders.Select(at).Append(temporary).Append(socket));
        yield return "run";
        yield return "--quiet";
        yield return "--no-prompt";
        yield return "--no-lock";
        yield return "--cached-only";
        yield return "--allow-net";
        yield return "--allow-env";
        yield return $"--allow-read={readable}";
        yield return $"--allow-write={temporary},{socket}";
        yield return $"--v8-flags=--max-old-space-size={memoryMegabytes}";
        yield return $"--preload={bootstrap}";
        if (source.ConfigFile is { } config)
        {
            yield return $"--config={at(config)}";
        }
        else
        {
            yield return "--no-config";
        }

        if (source.ImportMap is { } map)
        {
            yield return $"--import-map={at(map)}";
        }

        yield return at(source.EntryPoint);
    }

    private static IEnumerable<string> Sandbox(DenoPlaces places, FunctionSource source) =>
    [
        "--ro-bind", "/usr", "/usr", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64",
        "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp",
        .. SystemFiles.SelectMany(path => new[] { "--ro-bind-try", path, path }),
        "--ro-bind", places.Deno, SandboxDeno, "--ro-bind", places.Bootstrap, SandboxBootstrap, "--ro-bind", places.Cache, SandboxCache,
        .. source.Folders.Concat(source.Files).Distinct().SelectMany(path => new[] { "--ro-bind", path, InSandbox(source, path) }),
        "--bind", places.SocketFolder, SandboxSocketFolder,
        "--unshare-all", "--share-net", "--die-with-parent", "--new-session", "--as-pid-1", "--cap-drop", "ALL", "--chdir", "/tmp",
    ];
}
