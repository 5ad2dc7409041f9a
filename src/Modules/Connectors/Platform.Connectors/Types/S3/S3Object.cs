using Platform.Connectors.DuckDb.Files;

namespace Platform.Connectors.Types.S3;

/// <summary>An object of a bucket.</summary>
/// <param name="Key">Its whole key.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="ETag">Names its content, with quotes.</param>
/// <param name="LastModified">When it was written, in ISO 8601.</param>
internal sealed record S3Object(string Key, long Bytes, string ETag, string LastModified)
{
    /// <summary>How it is read, by the end of its key; null for what is no table.</summary>
    public string? Format => FileFormat.OfExtension(Path.GetExtension(Key));
}
