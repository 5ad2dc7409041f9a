using System.Net;
using System.Runtime.CompilerServices;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Platform.LocalSupabase.Storage.Options;

namespace Platform.LocalSupabase.Storage.BackEnds;

/// <summary>Files in a bucket of an S3 server, <c>{prefix}objects/{part}/{version}</c>.</summary>
internal sealed class S3BackEnd : IObjectBackEnd, IDisposable
{
    // The protocol allows 10,000 parts, so this is good for 156 GiB.
    private const long PartSize = 16L * 1024 * 1024;

    private readonly S3Options _options;
    private readonly AmazonS3Client _client;

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
    }

    /// <summary>Other nodes may write to the same bucket.</summary>
    public bool IsPrivate => false;

    /// <summary>Large files go up in parts. The server shows an object only when all of it is there.</summary>
    public async Task PublishAsync(Guid version, string path, CancellationToken cancellationToken)
    {
        var length = new FileInfo(path).Length;
        if (length > PartSize)
        {
            await UploadPartsAsync(KeyOf(version), path, length, cancellationToken);
            return;
        }

        await _client.PutObjectAsync(
            // In one signed piece: servers of others do not all know the SDK's own framing of chunks.
            new PutObjectRequest { BucketName = _options.Bucket, Key = KeyOf(version), FilePath = path, UseChunkEncoding = false },
            cancellationToken);
    }

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

    public void Dispose() => _client.Dispose();

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

    private async Task UploadPartsAsync(string key, string path, long length, CancellationToken cancellationToken)
    {
        var upload = await _client.InitiateMultipartUploadAsync(_options.Bucket, key, cancellationToken);
        try
        {
            var parts = new List<PartETag>();
            for (long position = 0; position < length; position += PartSize)
            {
                var number = parts.Count + 1;
                var part = await _client.UploadPartAsync(
                    new UploadPartRequest
                    {
                        BucketName = _options.Bucket,
                        Key = key,
                        UploadId = upload.UploadId,
                        PartNumber = number,
                        FilePath = path,
                        FilePosition = position,
                        PartSize = Math.Min(PartSize, length - position),
                        UseChunkEncoding = false,
                    },
                    cancellationToken);
                parts.Add(new PartETag(number, part.ETag));
            }

            var all = new CompleteMultipartUploadRequest { BucketName = _options.Bucket, Key = key, UploadId = upload.UploadId, PartETags = parts };
            await _client.CompleteMultipartUploadAsync(all, cancellationToken);
        }
        catch
        {
            await _client.AbortMultipartUploadAsync(_options.Bucket, key, upload.UploadId, CancellationToken.None);
            throw;
        }
    }

    private string KeyOf(Guid version) => $"{_options.Prefix}objects/{FileNames.PartOf(version)}/{FileNames.Of(version)}";
}
