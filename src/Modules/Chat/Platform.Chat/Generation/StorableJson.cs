using System.Text.Json;
using System.Text.RegularExpressions;

namespace Platform.Chat.Generation;

/// <summary>What models and sources write, made fit for jsonb: PostgreSQL stores no zero character, and a row has a bound.</summary>
internal static partial class StorableJson
{
    private const int MaxLength = 128 * 1024;
    private const int MaxTextLength = 32 * 1024;

    public static string Text(string text)
    {
        var clean = text.Replace("\0", "", StringComparison.Ordinal);
        return clean.Length <= MaxTextLength
            ? clean
            : $"{clean[..(char.IsHighSurrogate(clean[MaxTextLength - 1]) ? MaxTextLength - 1 : MaxTextLength)]}…";
    }

    /// <summary>A document without zero characters, or null where it is too large.</summary>
    public static JsonElement? Document(JsonElement? document)
    {
        if (document is not { } value || value.GetRawText() is not { Length: <= MaxLength } raw)
        {
            return null;
        }

        return raw.Contains("\\u0000", StringComparison.Ordinal)
            ? JsonSerializer.Deserialize<JsonElement>(ZeroCharacters().Replace(raw, "$1"))
            : value;
    }

    // An escaped backslash before u0000 is text and stays.
    [GeneratedRegex(@"(?<!\\)((?:\\\\)*)\\u0000", RegexOptions.CultureInvariant)]
    private static partial Regex ZeroCharacters();
}
