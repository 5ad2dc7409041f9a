using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Platform.LocalSupabase.Storage.Objects;

namespace Platform.LocalSupabase.Storage.Resumable;

/// <summary>
/// The header <c>Upload-Metadata</c>: pairs of a name and a value in base64, separated by commas (TUS 1.0.0, creation). The names are
/// those that storage knows; others are kept in the header and mean nothing.
/// </summary>
internal sealed record UploadMetadata(string Bucket, string Key, ContentFacts Content)
{
    private const int MaxLength = 64 * 1024;

    public static UploadMetadata Parse(string header)
    {
        if (header.Length > MaxLength || !header.All(letter => letter is >= ' ' and <= '~'))
        {
            throw StorageException.InvalidRequest("Upload-Metadata is not valid");
        }

        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in header.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split(' ', 2);
            values[parts[0]] = parts.Length == 2 ? Decode(parts[1]) : "";
        }

        var seconds = values.GetValueOrDefault("cacheControl");
        var isNumber = uint.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        return new UploadMetadata(
            values.GetValueOrDefault("bucketName") ?? throw StorageException.InvalidRequest("Upload-Metadata must have bucketName"),
            values.GetValueOrDefault("objectName") ?? throw StorageException.InvalidRequest("Upload-Metadata must have objectName"),
            new ContentFacts(
                UploadBody.CheckedMimeType(values.GetValueOrDefault("contentType") is { Length: > 0 } type ? type : "application/octet-stream"),
                isNumber ? $"max-age={number}" : "no-cache",
                MetadataOf(values.GetValueOrDefault("metadata"))));
    }

    private static JsonObject? MetadataOf(string? json) => string.IsNullOrEmpty(json) ? null : UploadBody.ParseMetadata(json);

    private static string Decode(string value)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(value.Trim()));
        }
        catch (FormatException)
        {
            throw StorageException.InvalidRequest("Upload-Metadata is not base64");
        }
    }
}
