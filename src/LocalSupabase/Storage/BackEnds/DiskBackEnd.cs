using System.Runtime.CompilerServices;
using Platform.LocalSupabase.Files;
using Platform.LocalSupabase.Storage.Files;

namespace Platform.LocalSupabase.Storage.BackEnds;

/// <summary>Files in the data directory, <c>objects/{part}/{version}</c>. This process is the only one that writes there.</summary>
internal sealed class DiskBackEnd : IObjectBackEnd
{
    // The stream around it has buffers of its own.
    private const int NoBuffer = 0;

    private readonly string _root;

    public DiskBackEnd(LocalSupabaseOptions options)
    {
        _root = Path.Combine(DataDirectory.Ensure(options.StorageDirectory), "objects");
        Directory.CreateDirectory(_root);
    }

    public bool IsPrivate => true;

    public Task PublishAsync(Guid version, string path, CancellationToken cancellationToken)
    {
        var target = PathOf(version);
        var directory = Path.GetDirectoryName(target)!;
        if (!Directory.Exists(directory))
        {
            Directory.CreateDirectory(directory);
            LibC.SynchronizeDirectory(_root);
        }

        File.Move(path, target);
        LibC.SynchronizeDirectory(directory);
        return Task.CompletedTask;
    }

    public Task<Stream?> OpenReadAsync(Guid version, CancellationToken cancellationToken)
    {
        try
        {
            return Task.FromResult<Stream?>(new ReadAheadStream(new FileStream(
                PathOf(version), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, NoBuffer,
                FileOptions.Asynchronous | FileOptions.SequentialScan)));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
    }

    public Task<bool> ExistsAsync(Guid version, CancellationToken cancellationToken) => Task.FromResult(File.Exists(PathOf(version)));

    public Task DeleteAsync(Guid version, CancellationToken cancellationToken)
    {
        var path = PathOf(version);
        if (File.Exists(path))
        {
            File.Delete(path);
        }

        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<KeptFile> ListAsync(string part, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var directory = new DirectoryInfo(Path.Combine(_root, part));
        if (!directory.Exists)
        {
            yield break;
        }

        foreach (var file in directory.EnumerateFiles())
        {
            cancellationToken.ThrowIfCancellationRequested();
            file.Refresh();
            if (file.Exists)
            {
                yield return new KeptFile(file.Name, file.Length, file.LastWriteTimeUtc);
            }
        }

        await Task.CompletedTask;
    }

    private string PathOf(Guid version) => Path.Combine(_root, FileNames.PartOf(version), FileNames.Of(version));
}
