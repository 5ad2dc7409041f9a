using System.Globalization;
using System.Text.Json;
using Platform.Connectors.Contracts.Queries;

namespace Platform.Dashboards.Charts;

/// <summary>
/// How a widget writes numbers and dates. Config: <c>unit</c>, <c>decimals</c> (0 to 10), <c>number_format</c> (<c>plain</c>,
/// <c>compact</c> or
/// <c>percent</c>, where 0.5 is 50 %), <c>date_format</c> (<c>long</c> or <c>iso</c>).
/// </summary>
internal sealed record ValueFormat(string? Unit, int? Decimals, string NumberFormat, bool IsIso)
{
    public const string Plain = "plain";
    public const string Compact = "compact";
    public const string Percent = "percent";
    public const string Iso = "iso";
    public const string Long = "long";

    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;
    private static readonly (double From, string Suffix)[] Steps = [(1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")];

    public static ValueFormat Of(WidgetPicture widget) => new(
        widget.TextOf("unit"),
        widget.Config.TryGetProperty("decimals", out var decimals) && decimals.ValueKind == JsonValueKind.Number
            && decimals.TryGetInt32(out var count)
            ? Math.Clamp(count, 0, 10)
            : null,
        widget.TextOf("number_format") ?? Plain,
        widget.TextOf("date_format") == Iso);

    /// <summary>A number with its unit.</summary>
    public string Number(double value) => WithUnit(Bare(value));

    /// <summary>The format for numbers that stand together in little space: all short where the largest is long.</summary>
    public ValueFormat Short(IEnumerable<double> values) =>
        NumberFormat == Plain && values.Where(double.IsFinite).Any(value => Math.Abs(value) >= 100_000)
            ? this with { NumberFormat = Compact }
            : this;

    /// <summary>A day, or a time of a day, in UTC.</summary>
    public string Date(DateTime value, bool withTime) => value.ToString(
        (IsIso, withTime) switch
        {
            (true, false) => "yyyy-MM-dd",
            (true, true) => "yyyy-MM-dd HH:mm",
            (false, false) => "d MMM yyyy",
            _ => "d MMM yyyy HH:mm",
        },
        Culture);

    /// <summary>A cell as people read it; nothing for null.</summary>
    public string Cell(JsonElement cell, ResultColumn column) => cell.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => "",
        JsonValueKind.True => "yes",
        JsonValueKind.False => "no",
        _ when ChartTable.IsNumeric(column.Type) && ChartTable.NumberOf(cell) is { } number => Number(number),
        _ when ChartTable.IsTemporal(column.Type) && ChartTable.TimeOf(cell) is { } time => Date(time, column.Type != "date"),
        JsonValueKind.String => cell.GetString()!,
        _ => cell.GetRawText(),
    };

    private string Bare(double value)
    {
        if (NumberFormat == Percent)
        {
            return $"{(value * 100).ToString(Pattern(value * 100), Culture)}%";
        }

        var step = NumberFormat == Compact ? Array.Find(Steps, step => Math.Abs(value) >= step.From) : default;
        return step.Suffix is null
            ? value.ToString(Pattern(value), Culture)
            : (value / step.From).ToString(Decimals is { } count ? Fixed(count) : "#,##0.#", Culture) + step.Suffix;
    }

    private string Pattern(double value) => Decimals is { } count
        ? Fixed(count)
        : Math.Abs(value) switch
        {
            0 or >= 0.01 and < 1e15 => "#,##0.##",
            _ => "0.###E+0",
        };

    private static string Fixed(int decimals) => decimals == 0 ? "#,##0" : "#,##0." + new string('0', decimals);

    private string WithUnit(string number) => Unit switch
    {
        null => number,
        "$" or "€" or "£" or "¥" => number.StartsWith('-') ? $"-{Unit}{number[1..]}" : Unit + number,
        "%" => number + Unit,
        _ => $"{number} {Unit}",
    };
}
