using System.Text.Json;

namespace Platform.LocalSupabase.Http;

/// <summary>JSON may hold text that PostgreSQL cannot store: a zero character, or half of a surrogate pair.</summary>
internal static class StorableJson
{
    /// <exception cref="JsonException">The bytes are no JSON, or hold such text.</exception>
    public static void Check(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
            {
                CheckText(ref reader);
            }
        }
    }

    private static void CheckText(ref Utf8JsonReader reader)
    {
        string? text;
        try
        {
            text = reader.GetString();
        }
        catch (InvalidOperationException exception)
        {
            throw new JsonException("A string is not valid Unicode.", exception);
        }

        if (text!.Contains('\0', StringComparison.Ordinal))
        {
            throw new JsonException("A string holds a zero character.");
        }
    }
}
