using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Platform.Connectors.DuckDb;

namespace Platform.Connectors.Types.Files;

/// <summary>
/// Files of Storage on this node, as Parquet. A file is fetched and converted once, by whoever asks first; when the room is used up, those
/// that were not asked for the longest time go.
/// </summary>
internal sealed class FileCache(WorkFolders folders, IOptions<DuckDbOptions> options, TimeProvider clock)
{
    private const int MaxFailures = 1000;
    private static readonly TimeSpan FailureAge = TimeSpan.FromMinutes(10);
    private readonly ConcurrentDictionary<string, Lazy<Task<Entry>>> _entries = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (SourceException Exception, long At)> _failures = new(StringComparer.Ordinal);
    private readonly long _maxBytes = options.Value.CacheMegabytes * 1024L * 1024;

    /// <summary>
    /// The file's path. The key names content that never changes; <paramref name="create"/> writes it at a path that is free.
    /// </summary>
    public async Task<string> GetAsync(string key, Func<string, CancellationToken, Task> create, CancellationToken cancellationToken)
    {
        var entry = await GetEntryAsync(
            key,
            async (path, token) =>
            {
                await create(path, token);
                return null;
            },
            cancellationToken);
        return entry.Path;
    }

    /// <summary>
    /// The same for a file that is made of a foreign one, with what is to be known of that. A file that cannot be read is not tried
    /// again for a while: the health of its connector is looked at every few seconds.
    /// </summary>
    public async Task<(string Path, ImportedFile Import)> ImportAsync(
        string key, Func<string, CancellationToken, Task<ImportedFile>> create, CancellationToken cancellationToken)
    {
        if (_failures.TryGetValue(key, out var known) && clock.GetElapsedTime(known.At) < FailureAge)
        {
            throw new SourceException(known.Exception.Code, known.Exception.Message, known.Exception);
        }

        try
        {
            var entry = await GetEntryAsync(key, async (path, token) => await create(path, token), cancellationToken);
            return (entry.Path, entry.Import!);
        }
        catch (SourceException exception) when (exception.Code is SourceFailure.DataInvalid or SourceFailure.InvalidConfig)
        {
            if (_failures.Count >= MaxFailures)
            {
                _failures.Clear();
            }

            _failures[key] = (exception, clock.GetTimestamp());
            throw;
        }
    }

    private async Task<Entry> GetEntryAsync(
        string key, Func<string, CancellationToken, Task<ImportedFile?>> create, CancellationToken cancellationToken)
    {
        // Not bound to one caller's patience: others may wait for the same file.
        var entry = _entries.GetOrAdd(key, name => new Lazy<Task<Entry>>(() => CreateAsync(name, create)));
        try
        {
            var file = await entry.Value.WaitAsync(cancellationToken);
            file.UsedAt = clock.GetTimestamp();
            return file;
        }
        catch when (entry.Value.IsFaulted || entry.Value.IsCanceled)
        {
            _entries.TryRemove(new KeyValuePair<string, Lazy<Task<Entry>>>(key, entry));
            throw;
        }
    }

    private async Task<Entry> CreateAsync(string key, Func<string, CancellationToken, Task<ImportedFile?>> create)
    {
        var path = Path.Combine(folders.Cache, key);
        ImportedFile? import;
        try
        {
            import = await create(path, CancellationToken.None);
        }
        catch
        {
            File.Delete(path);
            throw;
        }

        WorkFolders.Seal(path);
        var entry = new Entry(path, new FileInfo(path).Length, import) { UsedAt = clock.GetTimestamp() };
        MakeRoomFor(entry);
        return entry;
    }

    // Whoever reads a file at the moment has a link of their own to it.
    private void MakeRoomFor(Entry added)
    {
        var ready = _entries.Where(item => item.Value.IsValueCreated && item.Value.Value.IsCompletedSuccessfully)
            .Select(item => (item.Key, Lazy: item.Value, Entry: Completed(item.Value)))
            .OrderBy(item => item.Entry.UsedAt)
            .ToList();
        var total = ready.Sum(item => item.Entry.Bytes) + added.Bytes;
        foreach (var (key, lazy, entry) in ready)
        {
            if (total <= _maxBytes)
            {
                return;
            }

            _entries.TryRemove(new KeyValuePair<string, Lazy<Task<Entry>>>(key, lazy));
            File.Delete(entry.Path);
            total -= entry.Bytes;
        }
    }

    private static Entry Completed(Lazy<Task<Entry>> lazy) => lazy.Value.GetAwaiter().GetResult();

    private sealed class Entry(string path, long bytes, ImportedFile? import)
    {
        public string Path { get; } = path;

        public ImportedFile? Import { get; } = import;

        public long Bytes { get; } = bytes;

        public long UsedAt { get; set; }
    }
}
