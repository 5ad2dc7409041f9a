using System.Globalization;
using System.Text.Json;

namespace Platform.Dashboards.Charts;

/// <summary>
/// Reads what an axis chart shows. Config: <c>x</c> (else the first column), <c>y</c> (else all other columns of numbers), <c>series</c> (a
/// column whose values part the rows into series).
/// </summary>
internal static class ChartDataReader
{
    private const int MaxSeries = 12;
    private const int MaxCategories = 60;

    public static ChartData Read(WidgetPicture widget, ValueFormat format)
    {
        var table = new ChartTable(widget.Result!);
        UndrawableException.ThrowIf(table.Columns.Count == 0, "The result has no columns.");
        var x = widget.ColumnsOf("x") is [var name, ..] ? table.Find(name) : 0;
        var split = widget.ColumnsOf("series") is [var by, ..] ? table.Find(by) : (int?)null;
        IReadOnlyList<int> ys = widget.ColumnsOf("y") is { Count: > 0 } names
            ? [.. names.Select(table.Find)]
            : [.. Enumerable.Range(0, table.Columns.Count).Where(column => column != x && column != split && table.HoldsNumbers(column))];
        UndrawableException.ThrowIf(ys.Count == 0 && table.Rows.Count > 0, "There is no column of numbers.");

        var kind = widget.Type == "bar" ? AxisKind.Category
            : table.HoldsTimes(x) ? AxisKind.Time
            : table.HoldsNumbers(x) ? AxisKind.Number
            : AxisKind.Category;
        var groups = GroupsOf(table, ys, split, format);
        return kind == AxisKind.Category
            ? ByCategory(table, x, groups, format)
            : new ChartData(
                kind, [], [.. groups.Take(MaxSeries).Select(group => ByValue(group, x, kind, isSorted: widget.Type != "scatter"))],
                NoteOf(groups.Count, MaxSeries, "series"));
    }

    private sealed record Group(string Name, int Y, IReadOnlyList<JsonElement> Rows);

    private static List<Group> GroupsOf(ChartTable table, IReadOnlyList<int> ys, int? split, ValueFormat format) =>
        split is not { } column
            ? [.. ys.Select(y => new Group(table.Columns[y].Name, y, table.Rows))]
            : [.. ys.SelectMany(y => table.Rows
                .GroupBy(row => NameOf(format.Cell(row[column], table.Columns[column])))
                .Select(group => new Group(ys.Count == 1 ? group.Key : $"{group.Key}, {table.Columns[y].Name}", y, [.. group])))];

    private static ChartSeries ByValue(Group group, int x, AxisKind kind, bool isSorted)
    {
        var points = group.Rows
            .Select(row => (
                X: kind == AxisKind.Time ? ChartTable.TimeOf(row[x])?.Subtract(DateTime.UnixEpoch).TotalDays : ChartTable.NumberOf(row[x]),
                Y: ChartTable.NumberOf(row[group.Y]) ?? double.NaN))
            .Where(point => point.X is not null).ToList();
        var ordered = isSorted ? [.. points.OrderBy(point => point.X)] : points;
        return new ChartSeries(group.Name, [.. ordered.Select(point => point.X!.Value)], [.. ordered.Select(point => point.Y)]);
    }

    private static ChartData ByCategory(ChartTable table, int x, List<Group> groups, ValueFormat format)
    {
        // An x that counts something carries no unit of the values.
        var plain = format with { Unit = null, NumberFormat = ValueFormat.Plain };
        string CategoryOf(JsonElement row) => NameOf(plain.Cell(row[x], table.Columns[x]));
        var all = table.Rows.Select(CategoryOf).Distinct().ToList();
        var shown = all.Take(MaxCategories).ToList();
        var places = shown.Select((category, index) => (category, index)).ToDictionary(item => item.category, item => item.index);
        var series = groups.Take(MaxSeries).Select(group =>
        {
            var values = Enumerable.Repeat(double.NaN, shown.Count).ToArray();
            foreach (var row in group.Rows)
            {
                if (places.TryGetValue(CategoryOf(row), out var place) && ChartTable.NumberOf(row[group.Y]) is { } number)
                {
                    values[place] = double.IsNaN(values[place]) ? number : values[place] + number;
                }
            }

            return new ChartSeries(group.Name, [.. Enumerable.Range(0, shown.Count).Select(place => (double)place)], values);
        });
        return new ChartData(
            AxisKind.Category, shown, [.. series], NoteOf(all.Count, MaxCategories, "categories") ?? NoteOf(groups.Count, MaxSeries, "series"));
    }

    private static string NameOf(string text) => text.Length == 0 ? "(none)" : text;

    private static string? NoteOf(int count, int most, string what) =>
        count > most ? $"The first {most} of {count.ToString("#,##0", CultureInfo.InvariantCulture)} {what}" : null;
}
