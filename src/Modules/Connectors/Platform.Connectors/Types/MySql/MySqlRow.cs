using System.Globalization;
using System.Text;
using System.Text.Json;
using MySqlConnector;
using Platform.Connectors.Results;

namespace Platform.Connectors.Types.MySql;

/// <summary>Writes the values of a row as JSON.</summary>
internal static class MySqlRow
{
    /// <summary>Values that no calendar has, such as <c>0000-00-00</c>, are null; bytes are text in the form <c>0x00ff</c>.</summary>
    public static void Write(Utf8JsonWriter writer, MySqlDataReader reader, MySqlColumn[] columns, bool asObject)
    {
        if (asObject)
        {
            writer.WriteStartObject();
        }
        else
        {
            writer.WriteStartArray();
        }

        for (var ordinal = 0; ordinal < columns.Length; ordinal++)
        {
            if (asObject)
            {
                writer.WritePropertyName(DatasetColumns.KeyOf(ordinal));
            }

            if (reader.IsDBNull(ordinal))
            {
                writer.WriteNullValue();
            }
            else
            {
                WriteValue(writer, reader, ordinal, columns[ordinal].Form);
            }
        }

        if (asObject)
        {
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteEndArray();
        }
    }

    /// <summary>A value as the text of a cursor.</summary>
    public static string? TextOf(MySqlDataReader reader, int ordinal, MySqlForm form) => form switch
    {
        _ when reader.IsDBNull(ordinal) => null,
        MySqlForm.Date => DateOf(reader, ordinal, "yyyy-MM-dd"),
        MySqlForm.Timestamp or MySqlForm.TimestampWithZone => DateOf(reader, ordinal, "yyyy-MM-dd HH:mm:ss.FFFFFF"),
        MySqlForm.Decimal => reader.GetMySqlDecimal(ordinal).ToString(),
        MySqlForm.Bytes => null,
        _ => Convert.ToString(reader.GetValue(ordinal), CultureInfo.InvariantCulture),
    };

    private static void WriteValue(Utf8JsonWriter writer, MySqlDataReader reader, int ordinal, MySqlForm form)
    {
        switch (form)
        {
            case MySqlForm.Integer:
                writer.WriteNumberValue(reader.GetInt64(ordinal));
                break;
            case MySqlForm.Unsigned:
                writer.WriteNumberValue(reader.GetUInt64(ordinal));
                break;
            case MySqlForm.Decimal:
                writer.WriteRawValue(reader.GetMySqlDecimal(ordinal).ToString(), skipInputValidation: true);
                break;
            case MySqlForm.Float:
                writer.WriteNumberValue(reader.GetFloat(ordinal));
                break;
            case MySqlForm.Double:
                writer.WriteNumberValue(reader.GetDouble(ordinal));
                break;
            case MySqlForm.Date:
                writer.WriteStringValue(DateOf(reader, ordinal, "yyyy-MM-dd"));
                break;
            case MySqlForm.Timestamp:
                writer.WriteStringValue(DateOf(reader, ordinal, "yyyy-MM-ddTHH:mm:ss.FFFFFF"));
                break;
            case MySqlForm.TimestampWithZone:
                writer.WriteStringValue(DateOf(reader, ordinal, "yyyy-MM-ddTHH:mm:ss.FFFFFFZ"));
                break;
            case MySqlForm.Time:
                writer.WriteStringValue(TimeOf(reader.GetTimeSpan(ordinal)));
                break;
            case MySqlForm.Json:
                JsonText.Write(writer, Encoding.UTF8.GetBytes(reader.GetString(ordinal)));
                break;
            case MySqlForm.Bytes:
                writer.WriteStringValue($"0x{Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(ordinal))}");
                break;
            default:
                writer.WriteStringValue(reader.GetString(ordinal));
                break;
        }
    }

    private static string? DateOf(MySqlDataReader reader, int ordinal, string format)
    {
        var date = reader.GetMySqlDateTime(ordinal);
        return date.IsValidDateTime
            ? date.GetDateTime().ToString(format.Replace("Z", "'Z'", StringComparison.Ordinal), CultureInfo.InvariantCulture)
            : null;
    }

    // A time is a length too: up to 838 hours, before or after.
    private static string TimeOf(TimeSpan time)
    {
        var length = time.Duration();
        var sign = time < TimeSpan.Zero ? "-" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{sign}{(int)length.TotalHours:00}{new DateTime(length.Ticks % TimeSpan.TicksPerDay):':'mm':'ss.FFFFFF}");
    }
}
