using Npgsql;
using Platform.Connectors.Results;

namespace Platform.Connectors.Types.Postgres;

/// <summary>How the text form of a column's values becomes JSON.</summary>
internal enum PostgresForm
{
    Text,
    Number,
    Boolean,
    Timestamp,
    TimestampWithZone,
    Json,
    Array,
}

/// <summary>A column of a result, known by the fixed OIDs of the built-in types; every other type is text.</summary>
internal sealed record PostgresColumn(string Name, string Type, PostgresForm Form, PostgresForm Element, string StorageType)
{
    private const uint Bool = 16, Int8 = 20, Int2 = 21, Int4 = 23, Oid = 26, Json = 114, Float4 = 700, Float8 = 701, Date = 1082,
        Time = 1083, Timestamp = 1114, TimestampTz = 1184, TimeTz = 1266, Numeric = 1700, Jsonb = 3802;

    private static readonly Dictionary<uint, uint> ElementOfArray = new()
    {
        [1000] = Bool, [1005] = Int2, [1007] = Int4, [1016] = Int8, [1028] = Oid, [1021] = Float4, [1022] = Float8, [1231] = Numeric,
        [1115] = Timestamp, [1185] = TimestampTz, [199] = Json, [3807] = Jsonb,
        // Elements that stay text: text, varchar, char, name, uuid, date, time, timetz, inet, cidr, interval.
        [1009] = 25, [1015] = 25, [1014] = 25, [1002] = 25, [1003] = 25, [2951] = 25, [1182] = 25, [1183] = 25, [1270] = 25, [1041] = 25,
        [651] = 25, [1187] = 25,
    };

    public static PostgresColumn Of(string name, uint oid, int? precision = null, int? scale = null)
    {
        if (ElementOfArray.TryGetValue(oid, out var element))
        {
            return new PostgresColumn(name, ColumnType.Json, PostgresForm.Array, FormOf(element), "JSON");
        }

        var (type, storage) = oid switch
        {
            Bool => (ColumnType.Boolean, "BOOLEAN"),
            Int2 or Int4 or Int8 or Oid => (ColumnType.Integer, "BIGINT"),
            Float4 or Float8 => (ColumnType.Double, "DOUBLE"),
            Numeric => (ColumnType.Decimal, StorageOfNumeric(precision, scale ?? 0)),
            Date => (ColumnType.Date, "DATE"),
            Time or TimeTz => (ColumnType.Time, "VARCHAR"),
            Timestamp => (ColumnType.Timestamp, "TIMESTAMP"),
            TimestampTz => (ColumnType.TimestampWithZone, "TIMESTAMPTZ"),
            Json or Jsonb => (ColumnType.Json, "JSON"),
            _ => (ColumnType.Text, "VARCHAR"),
        };
        return new PostgresColumn(name, type, FormOf(oid), PostgresForm.Text, storage);
    }

    public static PostgresColumn[] Of(NpgsqlDataReader reader)
    {
        var schema = reader.GetColumnSchema();
        return [.. schema.Select(column => Of(
            column.ColumnName, column.TypeOID, column.NumericPrecision, column.NumericScale))];
    }

    // Without a declared scale no decimal type fits all values; a double is what analysis wants then.
    private static string StorageOfNumeric(int? precision, int scale) =>
        precision is > 0 and <= 38 && scale >= 0 && scale <= precision ? $"DECIMAL({precision},{scale})" : "DOUBLE";

    private static PostgresForm FormOf(uint oid) => oid switch
    {
        Bool => PostgresForm.Boolean,
        Int2 or Int4 or Int8 or Oid or Float4 or Float8 or Numeric => PostgresForm.Number,
        Timestamp => PostgresForm.Timestamp,
        TimestampTz => PostgresForm.TimestampWithZone,
        Json or Jsonb => PostgresForm.Json,
        _ => PostgresForm.Text,
    };
}
