using Microsoft.Extensions.Logging.Abstractions;
using Platform.Connectors.DuckDb;
using Platform.Connectors.DuckDb.Files;
using Platform.Connectors.Types.Files;

namespace Platform.Connectors.Tests.Sources;

/// <summary>The engine with real workers, whose program is this assembly.</summary>
internal sealed class Workers : IDisposable
{
    public Workers(TimeProvider? clock = null, Action<DuckDbOptions>? configure = null)
    {
        Options = new DuckDbOptions { WorkerProgram = typeof(Workers).Assembly.Location };
        configure?.Invoke(Options);
        var options = Microsoft.Extensions.Options.Options.Create(Options);
        Folders = new WorkFolders(options);
        Pool = new WorkerPool(
            new WorkerSandbox(options, NullLogger<WorkerSandbox>.Instance), Folders, options, clock ?? TimeProvider.System,
            NullLogger<WorkerPool>.Instance);
        Engine = new DuckDbEngine(Pool, Folders, options);
        Cache = new FileCache(Folders, options, TimeProvider.System);
    }

    public DuckDbOptions Options { get; }

    public WorkFolders Folders { get; }

    public WorkerPool Pool { get; }

    public DuckDbEngine Engine { get; }

    public FileCache Cache { get; }

    public static string Data(string name) => Path.Combine(AppContext.BaseDirectory, "data", name);

    public async Task<string> ParquetAsync(string input, string format)
    {
        var target = Path.Combine(Folders.Cache, $"{Path.GetFileName(input)}.parquet");
        await Engine.ImportAsync(
            Settings.Owner, new FileReading { Format = format }, target, (path, _) =>
            {
                File.Copy(input, path);
                return Task.CompletedTask;
            },
            CancellationToken.None);
        return target;
    }

    public void Dispose()
    {
        Pool.Dispose();
        Folders.Dispose();
    }

}

/// <summary>Uploads that lie in a folder of the tests.</summary>
internal sealed class LocalUploads : IUploadedFiles
{
    private readonly Dictionary<(Guid Owner, Guid Id), string> _paths = [];

    public int Reads { get; private set; }

    public Guid Add(string path, Guid? owner = null)
    {
        var id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        _paths.Add((owner ?? Settings.Owner, id), path);
        return id;
    }

    public Task<UploadedFile?> FindAsync(Guid ownerId, Guid uploadId, CancellationToken cancellationToken) => Task.FromResult(
        _paths.TryGetValue((ownerId, uploadId), out var path)
            ? new UploadedFile(uploadId, Path.GetFileName(path), new FileInfo(path).Length, uploadId.ToString("N"), path)
            : null);

    public async Task CopyToAsync(UploadedFile file, Stream target, CancellationToken cancellationToken)
    {
        Reads++;
        await using var source = File.OpenRead(file.StoragePath);
        await source.CopyToAsync(target, cancellationToken);
    }
}
