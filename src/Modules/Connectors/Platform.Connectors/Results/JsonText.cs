using System.Text.Json;

namespace Platform.Connectors.Results;

/// <summary>JSON that a source gives as text.</summary>
internal static class JsonText
{
    // Readers of results stop at 64 levels, and a result adds two; deeper documents pass as text.
    private const int MaxDepth = 48;

    /// <summary>Writes it as it is, or as a string if it is not JSON after all.</summary>
    public static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> text)
    {
        try
        {
            var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = MaxDepth });
            while (reader.Read())
            {
            }

            writer.WriteRawValue(text, skipInputValidation: true);
        }
        catch (JsonException)
        {
            Utf8Text.Write(writer, text);
        }
    }
}
