using MySqlConnector;
using Platform.Connectors.Results;

namespace Platform.Connectors.Types.MySql;

/// <summary>How a column's values become JSON.</summary>
internal enum MySqlForm
{
    Text,
    Integer,
    Unsigned,
    Decimal,
    Float,
    Double,
    Date,
    Timestamp,
    TimestampWithZone,
    Time,
    Json,
    Bytes,
}

/// <summary>A column of a result.</summary>
internal sealed record MySqlColumn(string Name, string Type, MySqlForm Form, string StorageType)
{
    public static MySqlColumn[] Of(MySqlDataReader reader) => [.. reader.GetColumnSchema().Cast<MySqlDbColumn>().Select(Of)];

    /// <summary>The type of a column, as results name it.</summary>
    /// <param name="dataType">As the catalogue says it, such as <c>bigint</c>.</param>
    public static string TypeOf(string dataType) => dataType switch
    {
        "tinyint" or "smallint" or "mediumint" or "int" or "bigint" or "year" or "bit" => ColumnType.Integer,
        "decimal" => ColumnType.Decimal,
        "float" or "double" => ColumnType.Double,
        "date" => ColumnType.Date,
        "datetime" => ColumnType.Timestamp,
        "timestamp" => ColumnType.TimestampWithZone,
        "time" => ColumnType.Time,
        "json" => ColumnType.Json,
        _ => ColumnType.Text,
    };

    private static MySqlColumn Of(MySqlDbColumn column)
    {
        var (type, form, storage) = column.ProviderType switch
        {
            MySqlDbType.Bool or MySqlDbType.Byte or MySqlDbType.Int16 or MySqlDbType.Int24 or MySqlDbType.Int32 or MySqlDbType.Int64
                or MySqlDbType.UByte or MySqlDbType.UInt16 or MySqlDbType.UInt24 or MySqlDbType.UInt32 or MySqlDbType.Year =>
                (ColumnType.Integer, MySqlForm.Integer, "BIGINT"),
            MySqlDbType.UInt64 or MySqlDbType.Bit => (ColumnType.Integer, MySqlForm.Unsigned, "UBIGINT"),
            MySqlDbType.Decimal or MySqlDbType.NewDecimal => (ColumnType.Decimal, MySqlForm.Decimal, StorageOfDecimal(column)),
            MySqlDbType.Float => (ColumnType.Double, MySqlForm.Float, "DOUBLE"),
            MySqlDbType.Double => (ColumnType.Double, MySqlForm.Double, "DOUBLE"),
            MySqlDbType.Date or MySqlDbType.Newdate => (ColumnType.Date, MySqlForm.Date, "DATE"),
            MySqlDbType.DateTime => (ColumnType.Timestamp, MySqlForm.Timestamp, "TIMESTAMP"),
            MySqlDbType.Timestamp => (ColumnType.TimestampWithZone, MySqlForm.TimestampWithZone, "TIMESTAMPTZ"),
            MySqlDbType.Time => (ColumnType.Time, MySqlForm.Time, "VARCHAR"),
            MySqlDbType.JSON => (ColumnType.Json, MySqlForm.Json, "JSON"),
            MySqlDbType.Binary or MySqlDbType.VarBinary or MySqlDbType.TinyBlob or MySqlDbType.Blob or MySqlDbType.MediumBlob
                or MySqlDbType.LongBlob or MySqlDbType.Geometry => (ColumnType.Text, MySqlForm.Bytes, "VARCHAR"),
            _ => (ColumnType.Text, MySqlForm.Text, "VARCHAR"),
        };
        return new MySqlColumn(column.ColumnName, type, form, storage);
    }

    // The source's decimals have up to 65 digits, DuckDB's 38.
    private static string StorageOfDecimal(MySqlDbColumn column) =>
        column is { NumericPrecision: > 0 and <= 38, NumericScale: >= 0 }
            ? $"DECIMAL({column.NumericPrecision},{column.NumericScale})"
            : "DOUBLE";
}
