using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Platform.LocalSupabase.Storage.Resumable;

/// <summary>The header <c>Upload-Checksum</c>: an algorithm and the hash of this request's bytes in base64 (TUS 1.0.0, checksum).</summary>
internal sealed class UploadChecksum : IDisposable
{
    private readonly byte[] _expected;

    private UploadChecksum(HashAlgorithmName algorithm, byte[] expected) =>
        (Hash, _expected) = (IncrementalHash.CreateHash(algorithm), expected);

    public IncrementalHash Hash { get; }

    /// <summary>Null when the request has none.</summary>
    public static UploadChecksum? Of(HttpRequest request)
    {
        var header = request.Headers["Upload-Checksum"].ToString();
        if (header.Length == 0)
        {
            return null;
        }

        var parts = header.Split(' ', 2);
        var algorithm = parts[0] switch
        {
            "sha1" => HashAlgorithmName.SHA1,
            "sha256" => HashAlgorithmName.SHA256,
            _ => throw StorageException.InvalidRequest($"Upload-Checksum must use one of {TusProtocol.ChecksumAlgorithms}"),
        };
        var expected = new byte[64];
        return Convert.TryFromBase64String(parts.ElementAtOrDefault(1) ?? "", expected, out var length)
            ? new UploadChecksum(algorithm, expected[..length])
            : throw StorageException.InvalidRequest("Upload-Checksum is not base64");
    }

    /// <exception cref="StorageException">Other bytes came than the client sent.</exception>
    public void Check()
    {
        if (!Hash.GetHashAndReset().AsSpan().SequenceEqual(_expected))
        {
            throw new StorageException(TusProtocol.ChecksumMismatch, "TusError", "TusError", "Checksum Mismatch");
        }
    }

    public void Dispose() => Hash.Dispose();
}
