using System.Text.Json;
using Platform.Connectors.Contracts.Queries;
using Platform.SharedKernel.Infrastructure.Json;

namespace Platform.Chat.Tools;

internal sealed class DescribeConnectorTool : IChatTool
{
    public const string ToolName = "describe_connector";
    private const int MaxTables = 100;
    private const int MaxColumns = 60;
    private static readonly string[] Columns = ["table", "columns"];

    public string Name => ToolName;

    public string Description => "Lists the tables of a connector with their columns; 'search' narrows it to names that contain it.";

    public JsonElement Schema { get; } = ToolArguments.TextSchema(
        ["connector"], ("connector", "The connector's name."), ("search", "Part of a table's or column's name."));

    public async Task<ToolOutcome> RunAsync(ToolContext context, JsonElement arguments, CancellationToken cancellationToken)
    {
        var asked = ToolArguments.Read<Arguments>(arguments);
        var connector = await ConnectorLookup.FindAsync(context.Mediator, asked.Connector, cancellationToken);
        var schema = await context.Mediator.Send(new DescribeConnectorQuery(connector.Id, asked.Search), cancellationToken);
        var tables = schema.Tables.Take(MaxTables)
            .Select(table => table with { Columns = [.. table.Columns.Take(MaxColumns)] })
            .ToList();
        var text = tables.Count == 0
            ? $"'{connector.Name}' has no such tables."
            : MarkdownTable.Of(Columns, tables.Select(table => (string[])[table.Name, Describe(table)])) + Rest(schema.Tables.Count);
        return new ToolOutcome(text, JsonSerializer.SerializeToElement(new { connector = connector.Name, tables }, PlatformJson.Options));
    }

    private static string Describe(ConnectorTable table) =>
        string.Join(", ", table.Columns.Select(column => $"{column.Name} {column.Type}"));

    private static string Rest(int count) => count > MarkdownTable.MaxRows ? $"\n\n{count} tables, {MarkdownTable.MaxRows} shown." : "";

    private sealed record Arguments(string Connector, string? Search = null);
}
