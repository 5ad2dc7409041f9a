using System.Text.Json;
using Platform.Connectors.Contracts.Queries;
using Platform.SharedKernel.Infrastructure.Json;

namespace Platform.Chat.Tools;

internal sealed class RunQueryTool : IChatTool
{
    public const string ToolName = "run_query";
    private const int MaxRows = 1000;

    public string Name => ToolName;

    public string Description => "Runs a query that only reads on a connector, in the connector's own language, and gives its rows.";

    public JsonElement Schema { get; } = ToolArguments.TextSchema(
        ["connector", "sql"], ("connector", "The connector's name."), ("sql", "The query."));

    public async Task<ToolOutcome> RunAsync(ToolContext context, JsonElement arguments, CancellationToken cancellationToken)
    {
        var asked = ToolArguments.Read<Arguments>(arguments);
        var connector = await ConnectorLookup.FindAsync(context.Mediator, asked.Connector, cancellationToken);
        var result = await context.Mediator.Send(new RunConnectorQuery(connector.Id, asked.Sql, Limit: MaxRows), cancellationToken);
        var data = TableData.Of(connector.Id, asked.Sql, result);
        return new ToolOutcome(Describe(result), JsonSerializer.SerializeToElement(data, PlatformJson.Options));
    }

    private static string Describe(QueryResult result)
    {
        var table = MarkdownTable.Of(
            [.. result.Columns.Select(column => column.Name)],
            result.Rows.EnumerateArray().Take(MarkdownTable.MaxRows).Select(row => row.EnumerateArray().Select(MarkdownTable.TextOf)));
        var rows = result.RowCount == 1 ? "1 row" : $"{result.RowCount} rows";
        var shown = result.RowCount > MarkdownTable.MaxRows ? $", {MarkdownTable.MaxRows} shown" : "";
        return $"{table}\n\n{rows}{shown}{(result.Truncated ? "; the source has more" : "")}.";
    }

    private sealed record Arguments(string Connector, string Sql);
}
