using System.Text.Json;

namespace Platform.Dashboards.Domain.Parameters;

/// <summary>Reads <c>config.parameters</c>: an array of objects with a name, or an object by name.</summary>
internal static class ParameterDefinitions
{
    /// <summary>What the config declares. Entries that <see cref="ParameterFaults"/> would refuse are read as far as they make sense.</summary>
    public static IReadOnlyList<ParameterDefinition> Read(JsonElement config) =>
        [.. Entries(config).Where(entry => entry.Name is not null).Select(entry => Read(entry.Name!, entry.Body)).DistinctBy(entry => entry.Name)];

    /// <summary>The entries with their paths below the config.</summary>
    public static IEnumerable<(string Path, string? Name, JsonElement Body)> Entries(JsonElement config)
    {
        if (config.ValueKind != JsonValueKind.Object || !config.TryGetProperty("parameters", out var parameters))
        {
            return [];
        }

        return parameters.ValueKind switch
        {
            JsonValueKind.Array => parameters.EnumerateArray().Select((item, index) => ($"parameters[{index}]", TextOf(item, "name"), item)),
            JsonValueKind.Object => parameters.EnumerateObject().Select(member => ($"parameters.{member.Name}", (string?)member.Name, member.Value)),
            _ => [],
        };
    }

    public static string? TextOf(JsonElement body, string member) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    public static JsonElement? MemberOf(JsonElement body, string member) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty(member, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static ParameterDefinition Read(string name, JsonElement body) => new(
        name,
        TextOf(body, "type"),
        MemberOf(body, "default"),
        MemberOf(body, "required") is { ValueKind: JsonValueKind.True },
        Items(body, "options").Select(ReadOption).ToList(),
        ReadQuery(body),
        Items(body, "depends_on").Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!).ToList());

    private static JsonElement.ArrayEnumerator Items(JsonElement body, string member) =>
        MemberOf(body, member) is { ValueKind: JsonValueKind.Array } items ? items.EnumerateArray() : default;

    private static ParameterOption ReadOption(JsonElement option)
    {
        var value = MemberOf(option, "value") ?? option;
        return new ParameterOption(value, TextOf(option, "label") ?? value.ToString());
    }

    private static ParameterQuery? ReadQuery(JsonElement body) =>
        MemberOf(body, "query") is { } query && TextOf(query, "query") is { } text && Guid.TryParse(TextOf(query, "connector_id"), out var connectorId)
            ? new ParameterQuery(connectorId, text, TextOf(query, "source") ?? "live")
            : null;
}
