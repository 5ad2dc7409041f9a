namespace Platform.Connectors.Results;

/// <summary>The closed set of types that a result's column may have.</summary>
internal static class ColumnType
{
    public const string Integer = "integer";
    public const string Decimal = "decimal";
    public const string Double = "double";
    public const string Boolean = "boolean";
    public const string Text = "text";
    public const string Date = "date";
    public const string Time = "time";
    public const string Timestamp = "timestamp";
    public const string TimestampWithZone = "timestamptz";
    public const string Json = "json";
}
