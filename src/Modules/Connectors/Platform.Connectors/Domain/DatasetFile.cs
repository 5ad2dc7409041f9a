using System.Text.Json.Serialization;

namespace Platform.Connectors.Domain;

/// <summary>A Parquet file of a dataset in Storage.</summary>
/// <param name="Path">Its path in the bucket.</param>
/// <param name="Rows">How many rows it has.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Unsettled">Whether it may repeat keys, its own or those of the files before it; the newest row of a key counts.</param>
internal sealed record DatasetFile(
    [property: JsonPropertyName("path")] string Path,
    [property: JsonPropertyName("rows")] long Rows,
    [property: JsonPropertyName("bytes")] long Bytes,
    [property: JsonPropertyName("unsettled")] bool Unsettled = false);
