using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Platform.Workflows.Engine;

/// <summary>A JSON value as its text: it goes from the database into an expression and back without being read on the way.</summary>
[JsonConverter(typeof(RawJsonConverter))]
internal readonly record struct RawJson(string Text)
{
    public static RawJson Of(JsonNode? node) => new(node?.ToJsonString(ValueOptions) ?? "null");

    public static RawJson Of<T>(T value) => new(JsonSerializer.Serialize(value, SharedKernel.Infrastructure.Json.PlatformJson.Options));

    public JsonNode? ToNode() => JsonNode.Parse(Text);

    /// <summary>Whether PostgreSQL can keep it: its <c>jsonb</c> knows no NUL character.</summary>
    public bool IsStorable => !Text.Contains("\\u0000", StringComparison.Ordinal);

    private static readonly JsonSerializerOptions ValueOptions = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}

/// <summary>Reads and writes the text as it is.</summary>
internal sealed class RawJsonConverter : JsonConverter<RawJson>
{
    public override RawJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return new RawJson(document.RootElement.GetRawText());
    }

    public override void Write(Utf8JsonWriter writer, RawJson value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Text, skipInputValidation: true);
}
