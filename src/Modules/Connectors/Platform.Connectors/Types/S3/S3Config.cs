using System.Text.Json;
using Platform.Connectors.Types.Http;

namespace Platform.Connectors.Types.S3;

/// <summary>The config of an s3 connector, after the schema has checked it.</summary>
/// <param name="Endpoint">Scheme, host and port.</param>
/// <param name="Region">Is part of the signature.</param>
/// <param name="Bucket">Its name.</param>
/// <param name="Prefix">What keys begin with; it is no part of table names.</param>
/// <param name="PathStyle">Whether the bucket stands in the path, and not in the host name.</param>
internal sealed record S3Config(Uri Endpoint, string Region, string Bucket, string Prefix, bool PathStyle)
{
    public static S3Config From(JsonElement config) => new(
        new Uri(config.GetProperty("endpoint").GetString()!),
        HttpSource.Text(config, "region") ?? "us-east-1",
        config.GetProperty("bucket").GetString()!,
        HttpSource.Text(config, "prefix") ?? "",
        !config.TryGetProperty("path_style", out var style) || style.GetBoolean());

    /// <summary>The address of a key, or of the bucket if the key is empty, with a query that is encoded already.</summary>
    public Uri AddressOf(string key, string query)
    {
        var host = PathStyle ? Endpoint.Authority : $"{Bucket}.{Endpoint.Authority}";
        var path = PathStyle ? $"/{S3Signature.Encode(Bucket)}/{S3Signature.EncodePath(key)}" : $"/{S3Signature.EncodePath(key)}";
        var address = $"{Endpoint.Scheme}://{host}{path}{(query.Length > 0 ? $"?{query}" : "")}";
        // A key may hold two dots or slashes; what is signed must be what is sent.
        return new Uri(address, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
    }
}
