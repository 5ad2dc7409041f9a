using System.Net;
using System.Runtime.CompilerServices;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Amazon.S3.Transfer;
using Platform.LocalSupabase.Storage.Options;

namespace Platform.LocalSupabase.Storage.BackEnds;

/// <summary>Files in a bucket of an S3 server, <c>{prefix}objects/{part}/{version}</c>.</summary>
internal sealed class S3BackEnd : IObjectBackEnd, IDisposable
{
    private readonly S3Options _options;
    private readonly AmazonS3Client _client;
    private readonly TransferUtility _transfer;

    public S3BackEnd(S3Options options)
    {
        _options = options;
        var config = new AmazonS3Config
        {
            AuthenticationRegion = options.Region,
            // Servers of others know neither the newer checksums nor a bucket in the host name.
            ForcePathStyle = true,
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (string.IsNullOrEmpty(options.ServiceUrl))
        {
            config.RegionEndpoint = Amazon.RegionEndpoint.GetBySystemName(options.Region);
            config.ForcePathStyle = false;
        }
        else
        {
            config.ServiceURL = options.ServiceUrl;
        }

        _client = new AmazonS3Client(new BasicAWSCredentials(options.AccessKey, options.SecretKey), config);
        _transfer = new TransferUtility(_client);
    }

    /// <summary>Other nodes may write to the same bucket.</summary>
    public bool IsPrivate => false;

    /// <summary>Large files go up in parts. The server shows an object only when all of it is there.</summary>
    public Task PublishAsync(Guid version, string path, CancellationToken cancellationToken) => _transfer.UploadAsync(
        new TransferUtilityUploadRequest
        {
            BucketName = _options.Bucket,
            Key = KeyOf(version),
            FilePath = path,
        },
        cancellationToken);

    public async Task<Stream?> OpenReadAsync(Guid version, CancellationToken cancellationToken) =>
        await LookAsync(version, cancellationToken) is { } length
            ? new S3ReadStream(_client, _options.Bucket, KeyOf(version), length)
            : null;

    public async Task<bool> ExistsAsync(Guid version, CancellationToken cancellationToken) =>
        await LookAsync(version, cancellationToken) is not null;

    public Task DeleteAsync(Guid version, CancellationToken cancellationToken) =>
        _client.DeleteObjectAsync(_options.Bucket, KeyOf(version), cancellationToken);

    public async IAsyncEnumerable<KeptFile> ListAsync(string part, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var prefix = $"{_options.Prefix}objects/{part}/";
        var request = new ListObjectsV2Request { BucketName = _options.Bucket, Prefix = prefix };
        ListObjectsV2Response page;
        do
        {
            page = await _client.ListObjectsV2Async(request, cancellationToken);
            foreach (var found in page.S3Objects ?? [])
            {
                var modified = found.LastModified is { } time ? new DateTimeOffset(time.ToUniversalTime()) : DateTimeOffset.MaxValue;
                yield return new KeptFile(found.Key[prefix.Length..], found.Size ?? 0, modified);
            }

            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated == true);
    }

    public void Dispose()
    {
        _transfer.Dispose();
        _client.Dispose();
    }

    private async Task<long?> LookAsync(Guid version, CancellationToken cancellationToken)
    {
        try
        {
            return (await _client.GetObjectMetadataAsync(_options.Bucket, KeyOf(version), cancellationToken)).ContentLength;
        }
        catch (AmazonS3Exception exception) when (exception.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    private string KeyOf(Guid version) => $"{_options.Prefix}objects/{FileNames.PartOf(version)}/{FileNames.Of(version)}";
}
