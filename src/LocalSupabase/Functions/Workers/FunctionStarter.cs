using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Platform.LocalSupabase.Functions.Deno;

namespace Platform.LocalSupabase.Functions.Workers;

/// <summary>Brings a function up: checks its modules, starts its process, waits until it listens.</summary>
internal sealed class FunctionStarter(
    LocalSupabaseOptions options, DenoEnvironment environment, ModuleGraph modules, TimeProvider clock, ILogger<FunctionStarter> logger)
    : IDisposable
{
    private readonly ProcessLauncher _launcher = new();
    private readonly Lazy<string> _folder = new(() => PrepareFolder(options));

    /// <summary>Loads and checks the modules; needed once for each version of the source.</summary>
    public Task PrepareAsync(FunctionSource source, CancellationToken cancellationToken)
    {
        var places = Places(source, socketFolder: "");
        return modules.LoadAsync(places.Deno, places.Cache, source, cancellationToken);
    }

    /// <exception cref="FunctionsException">It did not come to listen, or this machine cannot run functions.</exception>
    public async Task<FunctionProcess> StartAsync(FunctionSource source, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var executionId = Guid.CreateVersion7(clock.GetUtcNow()).ToString();
        var places = Places(source, Directory.CreateDirectory(Path.Combine(_folder.Value, executionId)).FullName);
        var process = await LaunchAsync(source, executionId, places);
        if (await process.WaitUntilListeningAsync(cancellationToken))
        {
            logger.FunctionStarted(source.Name, executionId, (long)clock.GetElapsedTime(started).TotalMilliseconds);
            return process;
        }

        process.Stop(FunctionEnd.OverTime);
        await process.Exited;
        process.Dispose();
        logger.FunctionNotStarted(source.Name, executionId);
        throw FunctionsException.NotStarted();
    }

    public void Dispose()
    {
        _launcher.Dispose();
        if (_folder.IsValueCreated)
        {
            Directory.Delete(_folder.Value, recursive: true);
        }
    }

    private async Task<FunctionProcess> LaunchAsync(FunctionSource source, string executionId, DenoPlaces places)
    {
        var (program, arguments) = DenoCommand.Build(places, source, options.Functions.MemoryMegabytes);
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = "/tmp",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach (var (name, value) in environment.For(executionId, DenoCommand.CacheFor(places), DenoCommand.SocketFor(places)))
        {
            start.Environment[name] = value;
        }

        start.Environment["TMPDIR"] = DenoCommand.TemporaryFolderFor(places);
        var process = await _launcher.StartAsync(start);
        process.StandardInput.Close();
        return new FunctionProcess(process, source, executionId, places.SocketFolder, options.Functions, logger, clock);
    }

    private DenoPlaces Places(FunctionSource source, string socketFolder) => new(
        DenoProgram.FindDeno(options.Functions.DenoPath, source.Root),
        options.Functions.Sandbox == FunctionSandbox.Bubblewrap ? DenoProgram.FindBubblewrap() : null,
        options.FunctionsCacheDirectory,
        Path.Combine(_folder.Value, "bootstrap.js"),
        socketFolder);

    /// <summary>A folder that only this user may enter; its path is short, as those of sockets must be.</summary>
    private static string PrepareFolder(LocalSupabaseOptions options)
    {
        Directory.CreateDirectory(options.FunctionsCacheDirectory);
        var folder = Directory.CreateTempSubdirectory("platform-functions-").FullName;
        using var bootstrap = typeof(FunctionStarter).Assembly.GetManifestResourceStream("bootstrap.js")!;
        using var file = File.Create(Path.Combine(folder, "bootstrap.js"));
        bootstrap.CopyTo(file);
        return folder;
    }
}
