using System.Text.Json;

namespace Platform.Dashboards.Domain;

/// <summary>What a check found: a state, the value that decided, and a sentence.</summary>
internal sealed record AlertFinding(string State, JsonElement? Value = null, string? Detail = null);

/// <summary>
/// What an alert looks for. <c>threshold</c>: a column's number, of the first row or over all rows, stands in a relation to a value;
/// <c>no_data</c>: there are no rows; <c>query_failed</c>: the query fails.
/// </summary>
internal sealed record AlertCondition(
    string Type, string? Column = null, string? Operator = null, double? Value = null, string Aggregate = AlertCondition.First)
{
    public const string Threshold = "threshold";
    public const string NoData = "no_data";
    public const string QueryFailed = "query_failed";
    public const string First = "first";

    public static readonly IReadOnlyList<string> Types = [Threshold, NoData, QueryFailed];
    public static readonly IReadOnlyList<string> Operators = [">", ">=", "<", "<=", "=", "!="];
    public static readonly IReadOnlyList<string> Aggregates = [First, "min", "max", "sum"];

    /// <summary>The state that a failure of the query makes.</summary>
    public AlertFinding OnFailure(string code) =>
        new(Type == QueryFailed ? AlertState.Firing : AlertState.Error, null, $"The query failed: {code}.");

    /// <summary>The state that rows make.</summary>
    /// <param name="columns">The columns' names.</param>
    /// <param name="rows">An array of rows, each an array.</param>
    public AlertFinding OnRows(IReadOnlyList<string> columns, JsonElement rows)
    {
        var count = rows.GetArrayLength();
        if (Type != Threshold)
        {
            var fires = Type == NoData && count == 0;
            return new AlertFinding(fires ? AlertState.Firing : AlertState.Ok, JsonSerializer.SerializeToElement(count));
        }

        var index = columns.ToList().IndexOf(Column!);
        if (index < 0)
        {
            return new AlertFinding(AlertState.Error, null, "The result has no such column.");
        }

        var numbers = rows.EnumerateArray().Select(row => NumberOf(row[index])).Take(Aggregate == First ? 1 : int.MaxValue).OfType<double>().ToList();
        if (numbers.Count == 0)
        {
            return new AlertFinding(AlertState.Error, null, "The column holds no number.");
        }

        var number = Aggregate switch
        {
            "min" => numbers.Min(),
            "max" => numbers.Max(),
            "sum" => numbers.Sum(),
            _ => numbers[0],
        };
        return new AlertFinding(Holds(number) ? AlertState.Firing : AlertState.Ok, JsonSerializer.SerializeToElement(number));
    }

    // Decimals of a source come as text, so that they lose no digit.
    private static double? NumberOf(JsonElement cell) => cell.ValueKind switch
    {
        JsonValueKind.Number => cell.GetDouble(),
        JsonValueKind.String when double.TryParse(
            cell.GetString(), System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var number) => number,
        _ => null,
    };

    private bool Holds(double number) => Operator switch
    {
        ">" => number > Value,
        ">=" => number >= Value,
        "<" => number < Value,
        "<=" => number <= Value,
        "=" => number.Equals(Value!.Value),
        _ => !number.Equals(Value!.Value),
    };
}
