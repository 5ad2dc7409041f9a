using System.Text;
using System.Text.Json;
using Platform.Connectors.Contracts.Queries;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Json;

namespace Platform.Chat.Tools;

/// <summary>A query result as a message keeps it: bounded, and with what it takes to ask again.</summary>
internal sealed record TableData(
    Guid ConnectorId, string Query, IReadOnlyList<ResultColumn> Columns, JsonElement Rows, int RowCount, bool Truncated)
{
    private const int MaxRowBytes = 64 * 1024;

    public static TableData Of(Guid connectorId, string query, QueryResult result)
    {
        var bytes = 0;
        var kept = result.Rows.EnumerateArray()
            .TakeWhile(row => (bytes += Encoding.UTF8.GetByteCount(row.GetRawText()) + 1) <= MaxRowBytes)
            .ToList();
        var isWhole = kept.Count == result.Rows.GetArrayLength();
        return new TableData(
            connectorId, query, result.Columns,
            isWhole ? result.Rows : JsonSerializer.SerializeToElement(kept, PlatformJson.Options),
            result.RowCount, result.Truncated || !isWhole);
    }

    /// <summary>The last result of the session. Throws where there is none.</summary>
    public static TableData Last(ToolContext context) =>
        context.LastResult?.Deserialize<TableData>(PlatformJson.Options)
        ?? throw new RuleViolationException("result_missing", "This session has no query result yet.");

    /// <summary>The name of a column as the result writes it.</summary>
    public string RequireColumn(string name) =>
        Columns.FirstOrDefault(column => column.Name == name)?.Name
        ?? Columns.FirstOrDefault(column => column.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Name
        ?? throw new RuleViolationException(
            "column_unknown", $"The last result has no column '{name}'; it has {Names()}.");

    private string Names() => string.Join(", ", Columns.Select(column => column.Name));
}
