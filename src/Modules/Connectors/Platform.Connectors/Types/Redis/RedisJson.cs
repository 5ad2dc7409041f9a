using System.Globalization;
using System.Text.Json;

namespace Platform.Connectors.Types.Redis;

/// <summary>Values of replies as JSON.</summary>
internal static class RedisJson
{
    public static void Write(Utf8JsonWriter writer, RespValue value, bool isScore)
    {
        if (value.Number is { } number)
        {
            writer.WriteNumberValue(number);
        }
        else if (value.IsNothing)
        {
            writer.WriteNullValue();
        }
        else if (isScore && double.TryParse(value.Text, CultureInfo.InvariantCulture, out var score) && double.IsFinite(score))
        {
            writer.WriteNumberValue(score);
        }
        else if (isScore)
        {
            writer.WriteNullValue();
        }
        else
        {
            writer.WriteStringValue(value.Text);
        }
    }

    /// <summary>Fields and values in turn, as an object.</summary>
    public static void WriteFields(Utf8JsonWriter writer, IReadOnlyList<RespValue> items)
    {
        writer.WriteStartObject();
        foreach (var pair in items.Chunk(2).Where(pair => pair.Length == 2).DistinctBy(pair => pair[0].Text))
        {
            writer.WriteString(pair[0].Text, pair[1].Text);
        }

        writer.WriteEndObject();
    }
}
