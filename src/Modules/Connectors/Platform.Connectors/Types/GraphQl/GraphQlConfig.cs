using System.Text.Json;
using Platform.Connectors.Types.Http;

namespace Platform.Connectors.Types.GraphQl;

/// <summary>The config of a graphql connector, after the schema has checked it.</summary>
/// <param name="Source">How its endpoint is asked.</param>
/// <param name="Query">The document that a sync and an empty query run, or null.</param>
/// <param name="RowsPath">Where the rows are below <c>data</c>; empty to look for them.</param>
/// <param name="CursorVariable">The variable that the end of a page goes into.</param>
/// <param name="MaxPages">How many pages a live query may take.</param>
internal sealed record GraphQlConfig(HttpSource Source, string? Query, string RowsPath, string CursorVariable, int MaxPages)
{
    public static GraphQlConfig From(JsonElement config)
    {
        var source = HttpSource.From(config) with { Method = HttpMethod.Post };
        return new GraphQlConfig(
            source,
            HttpSource.Text(config, "query"),
            source.RowsPath,
            HttpSource.Text(config, "cursor_variable") ?? "after",
            HttpSource.Number(config, "max_pages", HttpPaging.DefaultMaxPages));
    }
}
