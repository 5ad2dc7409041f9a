using System.Collections.Concurrent;
using Platform.SharedKernel.Infrastructure.Supabase;

namespace Platform.Connectors;

/// <summary>The module's two private buckets in Storage. Paths begin with the owner's id.</summary>
internal sealed class ConnectorStorage(StorageGateway storage)
{
    public const string Uploads = "uploads";
    public const string Datasets = "datasets";
    private readonly ConcurrentDictionary<string, bool> _made = new(StringComparer.Ordinal);

    /// <summary>
    /// Stores a file. The bucket is made before the first file of this process, and again where it has gone since: then Storage refuses the
    /// file, or hangs up in the middle of a large one.
    /// </summary>
    public async Task UploadAsync(string bucket, string path, Func<Stream> open, CancellationToken cancellationToken)
    {
        if (_made.TryAdd(bucket, true))
        {
            await storage.EnsureBucketAsync(bucket, cancellationToken);
        }

        try
        {
            await SendAsync();
        }
        catch (Exception exception) when (exception is SupabaseException or HttpRequestException)
        {
            await storage.EnsureBucketAsync(bucket, cancellationToken);
            await SendAsync();
        }

        async Task SendAsync()
        {
            await using var content = open();
            await storage.UploadAsync(bucket, path, content, "application/octet-stream", cancellationToken);
        }
    }

    public Task DownloadAsync(string bucket, string path, Stream target, CancellationToken cancellationToken) =>
        storage.DownloadAsync(bucket, path, target, cancellationToken);

    /// <summary>The paths of the files right in a folder.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(string bucket, string folder, CancellationToken cancellationToken) =>
        [.. (await storage.ListAsync(bucket, folder, cancellationToken)).Select(name => $"{folder}/{name}")];

    public Task RemoveAsync(string bucket, IReadOnlyCollection<string> paths, CancellationToken cancellationToken) =>
        storage.RemoveAsync(bucket, paths, cancellationToken);
}
