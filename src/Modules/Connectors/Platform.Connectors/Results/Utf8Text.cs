using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Platform.Connectors.Results;

/// <summary>Text of a source, which may hold bytes that are not UTF-8.</summary>
internal static class Utf8Text
{
    public static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> text)
    {
        if (Utf8.IsValid(text))
        {
            writer.WriteStringValue(text);
        }
        else
        {
            writer.WriteStringValue(Encoding.UTF8.GetString(text));
        }
    }
}
