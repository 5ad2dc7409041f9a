using System.Globalization;
using System.Text.Json;
using Platform.Connectors.Contracts.Queries;

namespace Platform.Dashboards.Charts;

/// <summary>A result as a chart reads it.</summary>
internal sealed class ChartTable(QueryResult result)
{
    private static readonly string[] Days = ["yyyy-MM-dd", "yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mm:ss"];

    public IReadOnlyList<ResultColumn> Columns => result.Columns;

    public IReadOnlyList<JsonElement> Rows { get; } = [.. result.Rows.EnumerateArray()];

    public static bool IsNumeric(string type) => type is "integer" or "decimal" or "double";

    public static bool IsTemporal(string type) => type is "date" or "timestamp" or "timestamptz";

    /// <summary>The place of a column by its name. Throws a sentence for the picture where there is none.</summary>
    public int Find(string name)
    {
        var index = result.Columns.ToList().FindIndex(column => column.Name == name);
        UndrawableException.ThrowIf(index < 0, $"There is no column “{name}”.");
        return index;
    }

    /// <summary>The columns that hold numbers: by their type, or, where the source knows no types, by their values.</summary>
    public bool HoldsNumbers(int column) =>
        IsNumeric(Columns[column].Type) || (Columns[column].Type is "json" or "text" && Holds(column, cell => NumberOf(cell) is not null));

    /// <summary>Whether a column holds days or times, by its type or by its values.</summary>
    public bool HoldsTimes(int column) =>
        IsTemporal(Columns[column].Type) || (Columns[column].Type == "text" && Holds(column, cell => TimeOf(cell) is not null));

    /// <summary>A cell's number; null for nothing, for NaN and infinity, and for what is no number. Decimals come as text.</summary>
    public static double? NumberOf(JsonElement cell)
    {
        double number;
        var isNumber = cell.ValueKind switch
        {
            JsonValueKind.Number => cell.TryGetDouble(out number),
            JsonValueKind.String => double.TryParse(cell.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out number),
            _ => double.TryParse("", out number),
        };
        return isNumber && double.IsFinite(number) ? number : null;
    }

    /// <summary>A cell's time in UTC; null for what is none.</summary>
    public static DateTime? TimeOf(JsonElement cell) =>
        cell.ValueKind == JsonValueKind.String && DateTime.TryParseExact(
            cell.GetString(), Days, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : null;

    private bool Holds(int column, Func<JsonElement, bool> test)
    {
        var cells = Rows.Select(row => row[column]).Where(cell => cell.ValueKind != JsonValueKind.Null).Take(50).ToList();
        return cells.Count > 0 && cells.TrueForAll(cell => test(cell));
    }
}
