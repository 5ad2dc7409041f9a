using System.Globalization;
using System.Text.RegularExpressions;

namespace Platform.Connectors.DuckDb.Files;

/// <summary>What a cell looks like, to tell a header from a row and one dialect from another.</summary>
internal static partial class CsvCell
{
    /// <summary>Whether it is a number, a date, a time or a truth value: what names no column.</summary>
    public static bool IsValue(string cell) =>
        cell.Length is > 0 and < 64 && (Number().IsMatch(cell) || Time().IsMatch(cell)
            || bool.TryParse(cell, out _) || double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out _));

    /// <summary>Whether it is a number whose fraction, if it has one, begins with a comma.</summary>
    public static bool IsCommaNumber(string cell) => cell.Length < 64 && CommaNumber().IsMatch(cell);

    /// <summary>Whether it is a number that has a point, and could not be one with points between its thousands.</summary>
    public static bool IsPointNumber(string cell) =>
        cell.Length < 64 && cell.Contains('.', StringComparison.Ordinal) && !CommaNumber().IsMatch(cell)
        && double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    [GeneratedRegex(@"^[+-]?[$€£]?\d[\d.,' ]*%?$", RegexOptions.CultureInvariant)]
    private static partial Regex Number();

    [GeneratedRegex(
        @"^(\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ]\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?)?|\d{1,2}:\d{2}(:\d{2})?)( ?Z|[+-]\d{2}:?\d{2})?$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Time();

    [GeneratedRegex(@"^[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex CommaNumber();
}
