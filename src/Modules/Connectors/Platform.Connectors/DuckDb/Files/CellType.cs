namespace Platform.Connectors.DuckDb.Files;

/// <summary>
/// The types that a column of text can be given, and how a cell becomes a value of them: a cell that is no such value gives null, never a
/// value that is nearly it.
/// </summary>
internal static class CellType
{
    public const string Text = "VARCHAR";
    public const string Integer = "BIGINT";
    public const string Double = "DOUBLE";
    public const string Decimal = "DECIMAL";
    private const string Boolean = "BOOLEAN";
    public const string Date = "DATE";
    private const string Time = "TIME";
    public const string Timestamp = "TIMESTAMP";
    public const string TimestampWithZone = "TIMESTAMP WITH TIME ZONE";

    private const string PointGroups = @"[+-]?\d{1,3}(\.\d{3})*(,\d+)?|[+-]?\d+(,\d+)?";
    private const string CommaGroups = @"[+-]?\d{1,3}(,\d{3})+(\.\d+)?";

    /// <summary>The names that a config may use, which are those of results.</summary>
    public static IReadOnlyList<string> Names { get; } =
        ["text", "integer", "decimal", "double", "boolean", "date", "time", "timestamp", "timestamptz"];

    public static string OfName(string name) => name switch
    {
        "integer" => Integer,
        "decimal" => Decimal,
        "double" => Double,
        "boolean" => Boolean,
        "date" => Date,
        "time" => Time,
        "timestamp" => Timestamp,
        "timestamptz" => TimestampWithZone,
        _ => Text,
    };

    public static string NameOf(string type) =>
        Names.First(name => OfName(name) == (type.StartsWith(Decimal, StringComparison.Ordinal) ? Decimal : type));

    /// <summary>Whether a cell is a number written with a decimal comma, as a condition.</summary>
    public static string IsCommaNumber(string cell) => $"regexp_full_match({cell}, '{PointGroups}')";

    /// <summary>How many digits a cell has before and behind its point, as two expressions; null for what is no plain number.</summary>
    public static (string Whole, string Fraction) Digits(string cell, CellRules rules)
    {
        var plain = Number(cell, rules, CellTraits.Unknown);
        var number = $"(case when regexp_full_match({plain}, '[+-]?[0-9]*[.]?[0-9]*') then ltrim({plain}, '+-') end)";
        return ($"length(split_part({number}, '.', 1))", $"length(split_part({number}, '.', 2))");
    }

    /// <summary>The value of a cell, or null.</summary>
    /// <param name="cell">An expression that gives text.</param>
    /// <param name="type">A type of this class; of <see cref="Decimal"/> with its digits.</param>
    /// <param name="rules">How numbers and dates are written.</param>
    /// <param name="traits">What the column's cells have.</param>
    public static string Value(string cell, string type, CellRules rules, CellTraits traits)
    {
        var number = Number(cell, rules, traits);
        return type switch
        {
            Text => cell,
            // The engine would round a fraction.
            Integer when traits.HasFlag(CellTraits.Point) || number != cell =>
                $"case when not regexp_matches({number}, '[.eE]') then try_cast({number} as BIGINT) end",
            Integer or Double => $"try_cast({number} as {type})",
            Date when rules.DateFormat is { } format =>
                $"coalesce(try_cast(try_strptime({cell}, {LockedDatabase.Literal(format)}) as DATE), {IsoDate(cell)})",
            // The engine would drop a time.
            Date when traits.HasFlag(CellTraits.Colon) => IsoDate(cell),
            Timestamp or TimestampWithZone when rules.TimestampFormat is { } format =>
                $"try_cast(try_strptime({cell}, {LockedDatabase.Literal(format)}) as {type})",
            // The engine would drop how far it is from UTC.
            Timestamp when traits.HasFlag(CellTraits.Offset) => $"timezone('UTC', try_cast({cell} as {TimestampWithZone}))",
            _ when type.StartsWith(Decimal, StringComparison.Ordinal) => $"try_cast({number} as {type})",
            _ => $"try_cast({cell} as {type})",
        };
    }

    private static string IsoDate(string cell) => $"case when not contains({cell}, ':') then try_cast({cell} as DATE) end";

    /// <summary>The cell with a point before its fraction, and nothing between its thousands.</summary>
    private static string Number(string cell, CellRules rules, CellTraits traits) => (rules.DecimalComma, traits) switch
    {
        (true, _) when (traits & (CellTraits.Comma | CellTraits.Point)) != 0 =>
            $"case when {IsCommaNumber(cell)} then replace(replace({cell}, '.', ''), ',', '.') end",
        (false, _) when traits.HasFlag(CellTraits.Comma) =>
            $"case when not contains({cell}, ',') then {cell} "
            + $"when regexp_full_match({cell}, '{CommaGroups}') then replace({cell}, ',', '') end",
        _ => cell,
    };
}

/// <summary>How numbers and dates are written.</summary>
internal sealed record CellRules(bool DecimalComma, string? DateFormat, string? TimestampFormat);
