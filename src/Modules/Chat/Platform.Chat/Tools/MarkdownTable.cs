using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Platform.Chat.Tools;

/// <summary>Rows for the eye: the first of them, in cells of a bounded width.</summary>
internal static class MarkdownTable
{
    public const int MaxRows = 20;
    private const int MaxColumns = 30;
    private const int MaxCellLength = 120;

    public static string Of(IReadOnlyList<string> columns, IEnumerable<IEnumerable<string>> rows)
    {
        var table = new StringBuilder();
        AppendRow(table, columns);
        AppendRow(table, columns.Select(_ => "---"));
        foreach (var row in rows.Take(MaxRows))
        {
            AppendRow(table, row);
        }

        return table.ToString().TrimEnd();
    }

    public static string TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => "",
        JsonValueKind.String => value.GetString()!,
        _ => value.GetRawText(),
    };

    private static void AppendRow(StringBuilder table, IEnumerable<string> cells) =>
        table.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", cells.Take(MaxColumns).Select(Cell).Select(Escape))} |\n");

    private static string Cell(string text) =>
        text.Length <= MaxCellLength
            ? text
            : $"{text[..(char.IsHighSurrogate(text[MaxCellLength - 1]) ? MaxCellLength - 1 : MaxCellLength)]}…";

    private static string Escape(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ");
}
