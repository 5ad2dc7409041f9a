using Platform.SharedKernel.Infrastructure.Supabase;

namespace Platform.Connectors;

/// <summary>The module's two private buckets in Storage. Paths begin with the owner's id.</summary>
internal sealed class ConnectorStorage(StorageGateway storage)
{
    public const string Uploads = "uploads";
    public const string Datasets = "datasets";

    /// <summary>Stores a file. The bucket is made when it is found missing, which happens once in a project's life.</summary>
    public async Task UploadAsync(string bucket, string path, Func<Stream> open, CancellationToken cancellationToken)
    {
        try
        {
            await SendAsync();
        }
        catch (SupabaseException missing) when (missing.Message.Contains("Bucket not found", StringComparison.OrdinalIgnoreCase))
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

    public Task RemoveAsync(string bucket, IReadOnlyCollection<string> paths, CancellationToken cancellationToken) =>
        storage.RemoveAsync(bucket, paths, cancellationToken);
}
