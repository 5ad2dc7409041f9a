using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using DuckDB.NET.Data;
using DuckDB.NET.Native;
using Platform.Connectors.Results;

namespace Platform.Connectors.DuckDb;

/// <summary>A DuckDB type: its name in results, and how its values become JSON.</summary>
internal sealed class DuckDbType
{
    private static readonly Dictionary<string, DuckDbType> Types = new(StringComparer.Ordinal)
    {
        ["Boolean"] = new(ColumnType.Boolean, (writer, reader, at) => writer.WriteBooleanValue(reader.GetBoolean(at))),
        ["TinyInt"] = new(ColumnType.Integer, (writer, reader, at) => writer.WriteNumberValue(reader.GetFieldValue<sbyte>(at))),
        ["SmallInt"] = new(ColumnType.Integer, (writer, reader, at) => writer.WriteNumberValue(reader.GetInt16(at))),
        ["Integer"] = new(ColumnType.Integer, (writer, reader, at) => writer.WriteNumberValue(reader.GetInt32(at))),
        ["BigInt"] = new(ColumnType.Integer, (writer, reader, at) => writer.WriteNumberValue(reader.GetInt64(at))),
        ["UnsignedTinyInt"] = new(ColumnType.Integer),
        ["UnsignedSmallInt"] = new(ColumnType.Integer),
        ["UnsignedInteger"] = new(ColumnType.Integer),
        ["UnsignedBigInt"] = new(ColumnType.Integer),
        ["HugeInt"] = new(ColumnType.Integer),
        ["UnsignedHugeInt"] = new(ColumnType.Integer),
        ["Float"] = new(ColumnType.Double),
        ["Double"] = new(ColumnType.Double, (writer, reader, at) => WriteDouble(writer, reader.GetDouble(at))),
        ["Decimal"] = new(ColumnType.Decimal),
        ["Varchar"] = new(ColumnType.Text, (writer, reader, at) => writer.WriteStringValue(reader.GetString(at))),
        ["Date"] = new(ColumnType.Date, (writer, reader, at) => WriteDate(writer, reader.GetFieldValue<DuckDBDateOnly>(at))),
        ["Time"] = new(ColumnType.Time),
        ["TimeTz"] = new(ColumnType.Time),
        ["Timestamp"] = Timestamp(ColumnType.Timestamp, ""),
        ["TimestampS"] = Timestamp(ColumnType.Timestamp, ""),
        ["TimestampMs"] = Timestamp(ColumnType.Timestamp, ""),
        ["TimestampNs"] = Timestamp(ColumnType.Timestamp, ""),
        ["TimestampTz"] = Timestamp(ColumnType.TimestampWithZone, "Z"),
    };

    private static readonly DuckDbType Other = new(ColumnType.Text);

    /// <summary>JSON, and what only JSON can hold (lists, structs, maps), after DuckDB has made JSON text of it.</summary>
    private static readonly DuckDbType Json = new(
        ColumnType.Json, (writer, reader, at) => JsonText.Write(writer, Encoding.UTF8.GetBytes(reader.GetString(at))));

    private readonly Action<Utf8JsonWriter, DuckDBDataReader, int> _write;

    private DuckDbType(string name, Action<Utf8JsonWriter, DuckDBDataReader, int>? write = null) =>
        (Name, _write) = (name, write ?? ((writer, reader, at) => WriteObject(writer, reader.GetValue(at))));

    public string Name { get; }

    /// <param name="name">A name of the driver's type list.</param>
    /// <param name="isJson">Whether the values are JSON in a text column.</param>
    public static DuckDbType Of(string name, bool isJson) => isJson ? Json : Types.GetValueOrDefault(name, Other);

    /// <param name="declaration">A type as <c>describe</c> prints it.</param>
    public static string OfDeclaration(string declaration)
    {
        var bracket = declaration.IndexOf('(', StringComparison.Ordinal);
        return declaration switch
        {
            "BOOLEAN" => ColumnType.Boolean,
            "TINYINT" or "SMALLINT" or "INTEGER" or "BIGINT" or "HUGEINT"
                or "UTINYINT" or "USMALLINT" or "UINTEGER" or "UBIGINT" or "UHUGEINT" => ColumnType.Integer,
            "FLOAT" or "DOUBLE" => ColumnType.Double,
            "DATE" => ColumnType.Date,
            "TIME" or "TIME WITH TIME ZONE" => ColumnType.Time,
            "TIMESTAMP" or "TIMESTAMP_S" or "TIMESTAMP_MS" or "TIMESTAMP_NS" => ColumnType.Timestamp,
            "TIMESTAMP WITH TIME ZONE" => ColumnType.TimestampWithZone,
            "JSON" => ColumnType.Json,
            _ when declaration.EndsWith(']') => ColumnType.Json,
            _ when bracket > 0 => declaration[..bracket] switch
            {
                "DECIMAL" => ColumnType.Decimal,
                "STRUCT" or "MAP" or "UNION" => ColumnType.Json,
                _ => ColumnType.Text,
            },
            _ => ColumnType.Text,
        };
    }

    public void Write(Utf8JsonWriter writer, DuckDBDataReader reader, int ordinal) => _write(writer, reader, ordinal);

    private static DuckDbType Timestamp(string name, string zone) => new(name, (writer, reader, at) =>
    {
        var value = reader.GetFieldValue<DuckDBTimestamp>(at);
        if (value.IsInfinity)
        {
            writer.WriteStringValue(value.IsPositiveInfinity ? "infinity" : "-infinity");
            return;
        }

        var fraction = value.Time.Microsecond == 0
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $".{value.Time.Microsecond:000000}").TrimEnd('0');
        writer.WriteStringValue(string.Create(
            CultureInfo.InvariantCulture,
            $"{DateText(value.Date)}T{value.Time.Hour:00}:{value.Time.Min:00}:{value.Time.Sec:00}{fraction}{zone}"));
    });

    private static void WriteDate(Utf8JsonWriter writer, DuckDBDateOnly value) => writer.WriteStringValue(
        value.IsInfinity ? (value.IsPositiveInfinity ? "infinity" : "-infinity") : DateText(value));

    private static string DateText(DuckDBDateOnly value) =>
        string.Create(CultureInfo.InvariantCulture, $"{value.Year:0000}-{value.Month:00}-{value.Day:00}");

    private static void WriteDouble(Utf8JsonWriter writer, double value)
    {
        if (double.IsFinite(value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    private static void WriteObject(Utf8JsonWriter writer, object value)
    {
        switch (value)
        {
            case bool boolean:
                writer.WriteBooleanValue(boolean);
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case sbyte or byte or short or ushort or int or uint or long:
                writer.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case ulong large:
                writer.WriteNumberValue(large);
                break;
            case BigInteger huge:
                writer.WriteRawValue(huge.ToString(CultureInfo.InvariantCulture), skipInputValidation: true);
                break;
            case decimal exact:
                writer.WriteNumberValue(exact);
                break;
            case float or double:
                WriteDouble(writer, Convert.ToDouble(value, CultureInfo.InvariantCulture));
                break;
            case DateTime time:
                writer.WriteStringValue(time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture));
                break;
            case IFormattable formattable:
                writer.WriteStringValue(formattable.ToString(FormatOf(formattable), CultureInfo.InvariantCulture));
                break;
            case Stream stream:
                WriteBytes(writer, stream);
                break;
            default:
                writer.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }

    private static string? FormatOf(IFormattable value) => value switch
    {
        DateOnly => "yyyy-MM-dd",
        TimeOnly => "HH:mm:ss.FFFFFF",
        DateTimeOffset => "HH:mm:ss.FFFFFFzzz",
        TimeSpan => "c",
        _ => null,
    };

    private static void WriteBytes(Utf8JsonWriter writer, Stream stream)
    {
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        writer.WriteBase64StringValue(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }
}
