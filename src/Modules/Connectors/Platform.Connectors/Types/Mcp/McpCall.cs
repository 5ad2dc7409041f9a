using System.Text.Json;
using Platform.Connectors.Sql;
using Platform.Connectors.Types.Http;

namespace Platform.Connectors.Types.Mcp;

/// <summary>
/// What a query asks for: <c>tool_name {"argument": "{{parameter}}"}</c>, a tool's name alone (its arguments are the parameters), or the
/// address of a resource, such as <c>notes://today</c>.
/// </summary>
/// <param name="Name">The tool, or the resource's address.</param>
/// <param name="IsResource">Which of the two.</param>
/// <param name="Arguments">The tool's arguments.</param>
internal sealed record McpCall(string Name, bool IsResource, IReadOnlyDictionary<string, object?> Arguments)
{
    private const int MaxLength = 100_000;
    private static readonly Dictionary<string, object?> None = [];

    public static McpCall Parse(string text, JsonElement parameters)
    {
        if (text.Length > MaxLength)
        {
            throw SqlStatement.Invalid($"A query has at most {MaxLength} characters.");
        }

        var words = text.Trim().Split((char[]?)null, 2, StringSplitOptions.TrimEntries);
        var name = words[0];
        if (name.Length == 0)
        {
            throw SqlStatement.Invalid("The query is empty.");
        }

        if (name.Contains("://", StringComparison.Ordinal))
        {
            return new McpCall(HttpTemplate.FillUrl(name, parameters), IsResource: true, None);
        }

        return words.Length == 1
            ? new McpCall(name, IsResource: false, ArgumentsOf(parameters))
            : new McpCall(name, IsResource: false, ParseArguments(HttpTemplate.FillJson(words[1], parameters)));
    }

    private static Dictionary<string, object?> ParseArguments(string json)
    {
        try
        {
            var arguments = JsonElement.Parse(json);
            return arguments.ValueKind == JsonValueKind.Object
                ? ArgumentsOf(arguments)
                : throw SqlStatement.Invalid("The arguments of a tool are a JSON object.");
        }
        catch (JsonException exception)
        {
            throw new SourceException(SourceFailure.QueryInvalid, "The arguments of a tool are a JSON object.", exception);
        }
    }

    private static Dictionary<string, object?> ArgumentsOf(JsonElement given) => given.ValueKind == JsonValueKind.Object
        ? given.EnumerateObject().ToDictionary(member => member.Name, member => (object?)member.Value, StringComparer.Ordinal)
        : [];
}
