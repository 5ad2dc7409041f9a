using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Platform.Connectors.Results;

namespace Platform.Connectors.Sqlite;

/// <summary>
/// The type of a column. SQLite has types of values, not of columns, so it is what all values have in common; the declared type says how
/// a value is meant, and decides where there is no value.
/// </summary>
internal sealed class SqliteColumnType(string declared)
{
    private static readonly string[] Timestamps = ["yyyy-MM-dd HH:mm:ss.FFFFFFF", "yyyy-MM-ddTHH:mm:ss.FFFFFFF", "yyyy-MM-dd HH:mm"];
    private string? _seen;

    /// <summary>A name of <see cref="ColumnType"/>.</summary>
    public string Name => _seen ?? OfDeclaration(declared);

    /// <summary>The same in DuckDB's words.</summary>
    public string StorageType => Name switch
    {
        ColumnType.Integer => "BIGINT",
        ColumnType.Double => "DOUBLE",
        ColumnType.Boolean => "BOOLEAN",
        ColumnType.Date => "DATE",
        ColumnType.Timestamp => "TIMESTAMP",
        _ => "VARCHAR",
    };

    /// <summary>The type that a declaration means, by SQLite's own rules and the usual names of dates and booleans.</summary>
    public static string OfDeclaration(string declared)
    {
        bool Has(string part) => declared.Contains(part, StringComparison.OrdinalIgnoreCase);
        return declared switch
        {
            _ when Has("bool") => ColumnType.Boolean,
            _ when Has("datetime") || Has("timestamp") => ColumnType.Timestamp,
            _ when Has("date") => ColumnType.Date,
            _ when Has("int") => ColumnType.Integer,
            _ when Has("char") || Has("clob") || Has("text") => ColumnType.Text,
            _ when Has("real") || Has("floa") || Has("doub") || Has("numeric") || Has("decimal") => ColumnType.Double,
            _ => ColumnType.Text,
        };
    }

    /// <summary>Writes a value; bytes are text in the form <c>0x00ff</c>.</summary>
    public void Write(Utf8JsonWriter writer, SqliteDataReader reader, int ordinal)
    {
        switch (reader.GetValue(ordinal))
        {
            case DBNull:
                writer.WriteNullValue();
                break;
            case long flag and (0 or 1) when OfDeclaration(declared) == ColumnType.Boolean:
                See(ColumnType.Boolean);
                writer.WriteBooleanValue(flag == 1);
                break;
            case long integer:
                See(ColumnType.Integer);
                writer.WriteNumberValue(integer);
                break;
            case double number when double.IsFinite(number):
                See(ColumnType.Double);
                writer.WriteNumberValue(number);
                break;
            case double:
                writer.WriteNullValue();
                break;
            case byte[] bytes:
                See(ColumnType.Text);
                writer.WriteStringValue($"0x{Convert.ToHexStringLower(bytes)}");
                break;
            case var text:
                WriteText(writer, (string)text);
                break;
        }
    }

    private void WriteText(Utf8JsonWriter writer, string text)
    {
        switch (OfDeclaration(declared))
        {
            case ColumnType.Date when DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _):
                See(ColumnType.Date);
                writer.WriteStringValue(text);
                break;
            case ColumnType.Timestamp when DateTime.TryParseExact(
                text, Timestamps, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time):
                See(ColumnType.Timestamp);
                writer.WriteStringValue(time.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture));
                break;
            default:
                See(ColumnType.Text);
                writer.WriteStringValue(text);
                break;
        }
    }

    private void See(string type) => _seen = (_seen, type) switch
    {
        (null, _) => type,
        _ when _seen == type => type,
        (ColumnType.Integer, ColumnType.Double) or (ColumnType.Double, ColumnType.Integer) => ColumnType.Double,
        _ => ColumnType.Text,
    };
}
