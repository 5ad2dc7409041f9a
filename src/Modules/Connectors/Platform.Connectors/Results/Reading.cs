using System.Text.Json;
using Platform.Connectors.Contracts.Queries;

namespace Platform.Connectors.Results;

/// <summary>Columns and rows as they came from a source.</summary>
internal sealed record Reading(IReadOnlyList<ResultColumn> Columns, JsonElement Rows, int RowCount, bool Truncated)
{
    public static Reading From(IReadOnlyList<ResultColumn> columns, RowBuffer rows)
    {
        var (count, truncated) = (rows.Count, rows.Truncated);
        return new Reading(columns, JsonElement.Parse(rows.CloseArray().Span), count, truncated);
    }

    public QueryResult ToResult(long elapsedMs, DateTimeOffset asOf, string queryHash) =>
        new(Columns, Rows, RowCount, Truncated, elapsedMs, asOf, queryHash);
}
