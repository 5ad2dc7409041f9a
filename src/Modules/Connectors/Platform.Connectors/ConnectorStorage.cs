using System.Collections.Concurrent;
using Platform.SharedKernel.Infrastructure.Supabase;

namespace Platform.Connectors;

/// <summary>The module's two private buckets in Storage. Paths begin with the owner's id.</summary>
internal sealed class ConnectorStorage(StorageGateway storage)
{
    public const string Uploads = "uploads";
    public const string Datasets = "datasets";
    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);

    public async Task UploadAsync(string bucket, string path, Stream content, string contentType, CancellationToken cancellationToken)
    {
        if (!_known.ContainsKey(bucket))
        {
            await storage.EnsureBucketAsync(bucket, cancellationToken);
            _known[bucket] = true;
        }

        await storage.UploadAsync(bucket, path, content, contentType, cancellationToken);
    }

    public Task DownloadAsync(string bucket, string path, Stream target, CancellationToken cancellationToken) =>
        storage.DownloadAsync(bucket, path, target, cancellationToken);

    public Task RemoveAsync(string bucket, IReadOnlyCollection<string> paths, CancellationToken cancellationToken) =>
        storage.RemoveAsync(bucket, paths, cancellationToken);
}
