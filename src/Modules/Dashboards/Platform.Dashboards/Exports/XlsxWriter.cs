using System.Globalization;
using System.Text.Json;
using Platform.Connectors.Contracts.Queries;
using Platform.Dashboards.Charts;
using Platform.SharedKernel.Errors;
using SpreadCheetah;
using SpreadCheetah.Styling;
using SpreadCheetah.Worksheets;

namespace Platform.Dashboards.Exports;

/// <summary>A sheet of a workbook.</summary>
/// <param name="Title">What its name is made of.</param>
/// <param name="Result">Its rows.</param>
internal sealed record XlsxSheet(string Title, QueryResult Result);

/// <summary>
/// Writes results as XLSX (Office Open XML), row by row. Numbers, dates and booleans are cells of their kind; text is text, so nothing in
/// it is run as a formula. A number of more than 15 digits stays text, since a spreadsheet would round it.
/// </summary>
internal static class XlsxWriter
{
    public const string MediaType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

    private const int MaxRows = 1_048_576;
    private const int MaxColumns = 16_384;
    private const int MaxText = 32_767;
    private const int MaxDigits = 15;

    // A spreadsheet's calendar begins in 1900, with a day that never was; from March on it is right.
    private static readonly DateTime FirstDay = new(1900, 3, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>Throws where a result has more rows or columns than a sheet holds.</summary>
    public static void Check(QueryResult result)
    {
        RuleViolationException.ThrowIf(
            result.RowCount >= MaxRows || result.Columns.Count > MaxColumns, "export_too_large",
            $"A sheet holds at most {MaxRows - 1:#,##0} rows below its header and {MaxColumns:#,##0} columns. Take csv or json.");
    }

    public static async Task WriteAsync(Stream stream, IReadOnlyList<XlsxSheet> sheets, CancellationToken cancellationToken)
    {
        var names = new SheetNames();
        await using var book = await Spreadsheet.CreateNewAsync(
            stream, new SpreadCheetahOptions { PreserveStringWhitespace = true }, cancellationToken);
        var styles = Styles.AddTo(book);
        foreach (var (title, result) in sheets)
        {
            await book.StartWorksheetAsync(names.Take(title), new WorksheetOptions { FrozenRows = 1 }, cancellationToken);
            await book.AddHeaderRowAsync(result.Columns.Select(column => Storable(column.Name)).ToArray(), styles.Header, cancellationToken);
            var cells = new Cell[result.Columns.Count];
            foreach (var row in result.Rows.EnumerateArray())
            {
                var index = 0;
                foreach (var value in row.EnumerateArray())
                {
                    cells[index] = CellOf(value, result.Columns[index].Type, styles);
                    index++;
                }

                await book.AddRowAsync(cells, cancellationToken);
            }
        }

        if (sheets.Count == 0)
        {
            await book.StartWorksheetAsync(names.Take("Sheet"), token: cancellationToken);
        }

        await book.FinishAsync(cancellationToken);
    }

    private sealed record Styles(StyleId Header, StyleId Day, StyleId Time)
    {
        public static Styles AddTo(Spreadsheet book) => new(
            book.AddStyle(new Style { Font = { Bold = true } }),
            book.AddStyle(new Style { Format = NumberFormat.Custom("yyyy-mm-dd") }),
            book.AddStyle(new Style { Format = NumberFormat.Custom("yyyy-mm-dd hh:mm:ss") }));
    }

    private static Cell CellOf(JsonElement value, string type, Styles styles) => value.ValueKind switch
    {
        JsonValueKind.Null => new Cell((string?)null),
        JsonValueKind.True => new Cell(true),
        JsonValueKind.False => new Cell(false),
        JsonValueKind.Number => NumberOf(value.GetRawText()),
        JsonValueKind.String when ChartTable.IsNumeric(type) => NumberOf(value.GetString()!),
        JsonValueKind.String when ChartTable.IsTemporal(type) && ChartTable.TimeOf(value) is { } time && time >= FirstDay =>
            new Cell(time, type == "date" ? styles.Day : styles.Time),
        JsonValueKind.String => new Cell(Storable(value.GetString()!)),
        _ => new Cell(Storable(value.GetRawText())),
    };

    private static Cell NumberOf(string text) =>
        text.Count(char.IsAsciiDigit) <= MaxDigits && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact)
            ? new Cell(exact)
            : text.Contains('e', StringComparison.OrdinalIgnoreCase) || text.Contains('.', StringComparison.Ordinal)
                ? ApproximateOf(text)
                : new Cell(text);

    // A double is no more exact than a spreadsheet's own numbers.
    private static Cell ApproximateOf(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? new Cell(number)
            : new Cell(text);

    private static string Storable(string text)
    {
        var clean = text.Any(IsUnstorable) ? new string([.. text.Select(c => IsUnstorable(c) ? '\uFFFD' : c)]) : text;
        return clean.Length <= MaxText ? clean : string.Concat(clean.AsSpan(0, MaxText - 1), "…");
    }

    // XML 1.0 has no such characters.
    private static bool IsUnstorable(char c) => c is < ' ' and not ('\t' or '\n' or '\r') or '\uFFFE' or '\uFFFF';
}
