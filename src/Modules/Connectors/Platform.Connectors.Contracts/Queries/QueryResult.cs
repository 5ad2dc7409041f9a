using System.Text.Json;

namespace Platform.Connectors.Contracts.Queries;

/// <summary>A column of a <see cref="QueryResult"/>.</summary>
/// <param name="Name">The column's name as the source gives it; names may repeat.</param>
/// <param name="Type">
/// One of <c>integer</c>, <c>decimal</c>, <c>double</c>, <c>boolean</c>, <c>text</c>, <c>date</c>, <c>time</c>, <c>timestamp</c> (no zone),
/// <c>timestamptz</c> (UTC) and <c>json</c>.
/// </param>
public sealed record ResultColumn(string Name, string Type);

/// <summary>What a query gives, whatever it asked.</summary>
/// <param name="Columns">The columns, in order.</param>
/// <param name="Rows">
/// A JSON array of rows, each an array of values in the order of the columns. It stays JSON: most results are only passed on, and a
/// parsed row costs several times its text.
/// </param>
/// <param name="RowCount">How many rows there are.</param>
/// <param name="Truncated">Whether the source had more, beyond the limit of rows or bytes.</param>
/// <param name="ElapsedMs">How long the source took.</param>
/// <param name="AsOf">When the source was asked.</param>
/// <param name="QueryHash">Equal for equal questions: connector, query, parameters and limit.</param>
public sealed record QueryResult(
    IReadOnlyList<ResultColumn> Columns,
    JsonElement Rows,
    int RowCount,
    bool Truncated,
    long ElapsedMs,
    DateTimeOffset AsOf,
    string QueryHash);
