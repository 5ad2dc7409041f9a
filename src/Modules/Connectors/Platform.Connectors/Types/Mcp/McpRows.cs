using System.Text.Json;
using ModelContextProtocol.Protocol;
using Platform.Connectors.Results;
using Platform.Connectors.Types.GraphQl;
using Platform.Connectors.Types.Http;

namespace Platform.Connectors.Types.Mcp;

/// <summary>Rows of what a tool or a resource gives: of its JSON where it is JSON, else a row a piece of text.</summary>
internal static class McpRows
{
    private const int MaxMessageLength = 1000;

    /// <summary>The rows of a tool's answer; an answer that is an error becomes a <see cref="SourceException"/>.</summary>
    public static IReadOnlyList<JsonElement> Of(CallToolResult result, string rowsPath)
    {
        var texts = result.Content.OfType<TextContentBlock>().Select(block => block.Text).ToList();
        if (result.IsError == true)
        {
            var message = string.Join(' ', texts);
            throw new SourceException(
                SourceFailure.QueryFailed, message.Length switch
                {
                    0 => "The tool failed.",
                    <= MaxMessageLength => message,
                    _ => message[..MaxMessageLength],
                });
        }

        return result.StructuredContent is { } structured ? In(structured, rowsPath) : Of(texts, rowsPath);
    }

    /// <summary>The rows of a resource.</summary>
    public static IReadOnlyList<JsonElement> Of(ReadResourceResult result, string rowsPath) =>
        Of([.. result.Contents.OfType<TextResourceContents>().Select(content => content.Text)], rowsPath);

    /// <summary>The columns of a tool's answer, as far as it describes them.</summary>
    public static IReadOnlyList<SourceColumn> ColumnsOf(Tool tool)
    {
        if (tool.OutputSchema is not { } schema)
        {
            return [new SourceColumn("text", ColumnType.Text, Nullable: false)];
        }

        // As rows are found in answers: in the first list of objects.
        var properties = MembersOf(schema);
        var list = properties.Select(property => JsonRows.At(property.Value, "items")).FirstOrDefault(items => MembersOf(items).Count > 0);
        var members = list.ValueKind == JsonValueKind.Object ? MembersOf(list) : properties;
        return [.. members.Select(member => new SourceColumn(member.Name, TypeOf(member.Value), Nullable: true))];
    }

    private static IReadOnlyList<JsonElement> Of(List<string> texts, string rowsPath)
    {
        if (texts.Count == 1 && TryParse(texts[0]) is { ValueKind: JsonValueKind.Object or JsonValueKind.Array } json)
        {
            return In(json, rowsPath);
        }

        return [.. texts.Select(text => JsonSerializer.SerializeToElement(new { text }))];
    }

    private static IReadOnlyList<JsonElement> In(JsonElement json, string rowsPath) => json.ValueKind switch
    {
        JsonValueKind.Object => GraphQlRows.In(json, rowsPath).Items,
        JsonValueKind.Array => JsonRows.In(json, rowsPath),
        _ => [json],
    };

    private static JsonElement? TryParse(string text)
    {
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static List<JsonProperty> MembersOf(JsonElement schema) =>
        JsonRows.At(schema, "properties") is { ValueKind: JsonValueKind.Object } properties ? [.. properties.EnumerateObject()] : [];

    private static string TypeOf(JsonElement schema) => HttpSource.Text(schema, "type") switch
    {
        "integer" => ColumnType.Integer,
        "number" => ColumnType.Double,
        "boolean" => ColumnType.Boolean,
        "object" or "array" => ColumnType.Json,
        _ => ColumnType.Text,
    };
}
