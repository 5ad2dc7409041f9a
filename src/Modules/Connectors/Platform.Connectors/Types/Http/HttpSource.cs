using System.Text.Json;

namespace Platform.Connectors.Types.Http;

/// <summary>The config of an http connector, after the schema has checked it.</summary>
internal sealed record HttpSource(
    string Url,
    HttpMethod Method,
    IReadOnlyDictionary<string, string> Headers,
    string? Body,
    string RowsPath,
    HttpPaging Paging,
    HttpAuth Auth,
    string Table)
{
    public static HttpSource From(JsonElement config) => new(
        config.GetProperty("url").GetString()!,
        HttpMethod.Parse(Text(config, "method") ?? "GET"),
        Map(config, "headers"),
        config.TryGetProperty("body", out var body) && body.ValueKind != JsonValueKind.Null ? body.GetRawText() : null,
        Text(config, "rows_path") ?? "",
        HttpPaging.From(config),
        HttpAuth.From(config),
        Text(config, "table") ?? "data");

    internal static string? Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    internal static int Number(JsonElement parent, string name, int otherwise) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) ? value.GetInt32() : otherwise;

    // A section may be the name of its kind alone: "paging": "link".
    internal static (string Kind, JsonElement Section) Section(JsonElement config, string name)
    {
        var section = config.TryGetProperty(name, out var value) ? value : default;
        return section.ValueKind == JsonValueKind.String ? (section.GetString()!, default) : (Text(section, "type") ?? "none", section);
    }

    private static Dictionary<string, string> Map(JsonElement config, string name) =>
        config.TryGetProperty(name, out var map)
            ? map.EnumerateObject()
                .ToDictionary(member => member.Name, member => member.Value.GetString()!, StringComparer.OrdinalIgnoreCase)
            : [];
}

/// <summary>How the next page is found.</summary>
internal sealed record HttpPaging(
    string Kind,
    string PageParameter,
    int FirstPage,
    string OffsetParameter,
    string SizeParameter,
    int PageSize,
    string CursorParameter,
    string CursorPath,
    int MaxPages)
{
    public const int DefaultMaxPages = 100;

    public static HttpPaging From(JsonElement config)
    {
        var (kind, section) = HttpSource.Section(config, "paging");
        return new HttpPaging(
            kind,
            HttpSource.Text(section, "page_parameter") ?? "page",
            HttpSource.Number(section, "first_page", 1),
            HttpSource.Text(section, "offset_parameter") ?? "offset",
            HttpSource.Text(section, "size_parameter") ?? (kind == "offset" ? "limit" : "per_page"),
            HttpSource.Number(section, "page_size", kind == "offset" ? 100 : 0),
            HttpSource.Text(section, "cursor_parameter") ?? "cursor",
            HttpSource.Text(section, "cursor_path") ?? "next_cursor",
            HttpSource.Number(section, "max_pages", DefaultMaxPages));
    }
}

/// <summary>How requests prove who asks; the secrets are in the credentials.</summary>
internal sealed record HttpAuth(string Kind, string Header, string? TokenUrl, string? ClientId, string? Scope)
{
    public static HttpAuth From(JsonElement config)
    {
        var (kind, section) = HttpSource.Section(config, "auth");
        return new HttpAuth(
            kind,
            HttpSource.Text(section, "header") ?? "X-Api-Key",
            HttpSource.Text(section, "token_url"),
            HttpSource.Text(section, "client_id"),
            HttpSource.Text(section, "scope"));
    }
}
