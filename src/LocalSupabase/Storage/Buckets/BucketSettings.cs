using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Platform.LocalSupabase.Storage.Buckets;

/// <summary>What may be said of a bucket. A member left out differs from null, which lifts a limit.</summary>
internal sealed partial record BucketSettings(
    string? Id,
    string? Name,
    bool? Public,
    string? Type,
    [property: JsonPropertyName("file_size_limit")] JsonElement FileSizeLimit,
    [property: JsonPropertyName("allowed_mime_types")] JsonElement AllowedMimeTypes)
{
    private static readonly string[] Units = ["b", "kb", "mb", "gb", "tb"];

    public bool ChangesSizeLimit => FileSizeLimit.ValueKind != JsonValueKind.Undefined;

    public bool ChangesMimeTypes => AllowedMimeTypes.ValueKind != JsonValueKind.Undefined;

    /// <summary>A number of bytes, or text with a decimal unit such as <c>20MB</c>.</summary>
    public long? SizeLimit(long largest)
    {
        var limit = FileSizeLimit.ValueKind switch
        {
            JsonValueKind.Undefined or JsonValueKind.Null => (double?)null,
            JsonValueKind.Number => FileSizeLimit.GetDouble(),
            JsonValueKind.String => Parse(FileSizeLimit.GetString()!),
            _ => throw Invalid(),
        };
        return limit switch
        {
            null => null,
            < 0 => throw Invalid(),
            _ when limit > largest => throw StorageException.TooLarge(),
            _ => (long)limit,
        };
    }

    public string[]? MimeTypes()
    {
        if (AllowedMimeTypes.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            return null;
        }

        if (AllowedMimeTypes.ValueKind != JsonValueKind.Array
            || AllowedMimeTypes.EnumerateArray().Any(type => type.ValueKind != JsonValueKind.String))
        {
            throw StorageException.InvalidRequest("body/allowed_mime_types must be array");
        }

        var types = AllowedMimeTypes.EnumerateArray().Select(type => type.GetString()!).ToArray();
        return Array.Find(types, type => !MimePattern().IsMatch(type)) is { } wrong ? throw StorageException.InvalidMimeType(wrong) : types;
    }

    private static double Parse(string text)
    {
        var match = SizePattern().Match(text);
        if (!match.Success)
        {
            throw Invalid();
        }

        var unit = Array.IndexOf(Units, match.Groups[2].Value.ToLowerInvariant());
        return double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) * Math.Pow(1000, Math.Max(unit, 0));
    }

    private static StorageException Invalid() => StorageException.InvalidRequest("body/file_size_limit is not a size");

    [GeneratedRegex(@"^\s*([0-9]+(?:\.[0-9]+)?)\s*(b|kb|mb|gb|tb)?\s*\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SizePattern();

    [GeneratedRegex(@"^(?:[A-Za-z0-9!#$&^_.+*-]+/[A-Za-z0-9!#$&^_.+*-]+|\*)\z", RegexOptions.CultureInvariant)]
    private static partial Regex MimePattern();
}
