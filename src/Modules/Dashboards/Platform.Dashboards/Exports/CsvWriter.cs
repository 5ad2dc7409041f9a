using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Platform.Dashboards.Exports;

/// <summary>
/// Writes a result as CSV (RFC 4180): CRLF, quotes where they are needed, here or where a semicolon or tab parts the cells. A text that a
/// spreadsheet would take for a formula gets an apostrophe in front, so that opening the file runs nothing.
/// </summary>
internal static class CsvWriter
{
    private const int FlushChars = 16 * 1024;
    private static readonly SearchValues<char> Quoted = SearchValues.Create(",;\"\r\n\t");
    private static readonly SearchValues<char> FormulaStarts = SearchValues.Create("=+-@\t\r\n＝＋－＠");

    public static async Task WriteAsync(Stream stream, IEnumerable<string> columns, JsonElement rows, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
        var line = new StringBuilder();
        AppendLine(line, columns.Select(Safe));
        foreach (var row in rows.EnumerateArray())
        {
            AppendLine(line, row.EnumerateArray().Select(TextOf));
            if (line.Length > FlushChars)
            {
                await writer.WriteAsync(line, cancellationToken);
                line.Clear();
            }
        }

        await writer.WriteAsync(line, cancellationToken);
    }

    /// <summary>A text that no spreadsheet runs.</summary>
    public static string Safe(string text) =>
        text.Length > 0 && FormulaStarts.Contains(text[0])
        && !double.TryParse(
            text, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out _)
            ? $"'{text}"
            : text;

    private static string TextOf(JsonElement cell) => cell.ValueKind switch
    {
        JsonValueKind.Null => "",
        JsonValueKind.String => Safe(cell.GetString()!),
        _ => cell.GetRawText(),
    };

    private static void AppendLine(StringBuilder line, IEnumerable<string> cells)
    {
        var isFirst = true;
        foreach (var cell in cells)
        {
            line.Append(isFirst ? "" : ",");
            isFirst = false;
            if (cell.AsSpan().ContainsAny(Quoted))
            {
                line.Append('"').Append(cell.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
            }
            else
            {
                line.Append(cell);
            }
        }

        line.Append("\r\n");
    }
}
