using System.Globalization;
using System.Text;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace Platform.Connectors.Types.Postgres;

/// <summary>
/// Binds JSON values. A string goes as a value of unknown type, so that the source reads it as what it is compared with: a date, a uuid, an
/// enum. Numbers and booleans have their own types, because expressions such as <c>date + $1</c> depend on them.
/// </summary>
internal static class PostgresParameters
{
    public static void Bind(NpgsqlCommand command, IReadOnlyList<JsonElement> values)
    {
        foreach (var value in values)
        {
            command.Parameters.Add(Of(value));
        }
    }

    private static NpgsqlParameter Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => Unknown(DBNull.Value),
        JsonValueKind.True or JsonValueKind.False => new NpgsqlParameter { Value = value.GetBoolean() },
        JsonValueKind.Number => new NpgsqlParameter { Value = NumberOf(value) },
        JsonValueKind.String => Unknown(value.GetString()!),
        JsonValueKind.Array when value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out _)) =>
            new NpgsqlParameter { Value = value.EnumerateArray().Select(item => item.GetInt64()).ToArray() },
        JsonValueKind.Array => Unknown(ArrayLiteral(value)),
        _ => Unknown(value.GetRawText()),
    };

    private static NpgsqlParameter Unknown(object value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Unknown };

    private static object NumberOf(JsonElement value)
    {
        if (value.TryGetInt32(out var integer))
        {
            return integer;
        }

        if (value.TryGetInt64(out var large))
        {
            return large;
        }

        return value.TryGetDecimal(out var exact) ? exact : value.GetDouble();
    }

    private static string ArrayLiteral(JsonElement array)
    {
        var text = new StringBuilder("{");
        foreach (var item in array.EnumerateArray())
        {
            if (text.Length > 1)
            {
                text.Append(',');
            }

            text.Append(item.ValueKind switch
            {
                JsonValueKind.Null => "NULL",
                JsonValueKind.Number => item.GetDouble().ToString("R", CultureInfo.InvariantCulture),
                JsonValueKind.Array => ArrayLiteral(item),
                JsonValueKind.String => Quote(item.GetString()!),
                _ => Quote(item.GetRawText()),
            });
        }

        return text.Append('}').ToString();
    }

    private static string Quote(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
