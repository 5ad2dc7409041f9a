using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace Platform.LocalSupabase.Realtime.Changes;

/// <summary>Values in PostgreSQL's text form: as JSON (as <c>to_jsonb</c> gives them), and compared by their type.</summary>
internal static class PgValue
{
    public static void WriteJson(Utf8JsonWriter json, string type, string? text)
    {
        if (text is null)
        {
            json.WriteNullValue();
            return;
        }

        switch (type)
        {
            case "bool":
                json.WriteBooleanValue(text == "t");
                break;
            case "int2" or "int4" or "int8" or "float4" or "float8" or "numeric" or "oid" when IsJsonNumber(text):
                json.WriteRawValue(text, skipInputValidation: true);
                break;
            case "json" or "jsonb":
                json.WriteRawValue(text, skipInputValidation: true);
                break;
            case "timestamp" or "timestamptz":
                json.WriteStringValue(ToIso(text));
                break;
            case ['_', .. var element]:
                WriteArray(json, element, text);
                break;
            default:
                json.WriteStringValue(text);
                break;
        }
    }

    /// <summary>Whether a text can be a value of the type; what is not known here may be anything.</summary>
    public static bool IsOfType(string type, string text) => type switch
    {
        "int2" or "int4" or "int8" => BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
        "float4" or "float8" or "numeric" => TryNumber(text, out _),
        "uuid" => Guid.TryParse(text, out _),
        "bool" => TryBoolean(text, out _),
        "timestamp" or "timestamptz" or "date" => TryTime(text, out _),
        _ => true,
    };

    /// <summary>Orders two texts as values of the type.</summary>
    public static int Compare(string type, string left, string right) => type switch
    {
        "int2" or "int4" or "int8" or "float4" or "float8" or "numeric" when TryNumber(left, out var a) && TryNumber(right, out var b) => a.CompareTo(b),
        "bool" when TryBoolean(left, out var a) && TryBoolean(right, out var b) => a.CompareTo(b),
        "uuid" when Guid.TryParse(left, out var a) && Guid.TryParse(right, out var b) =>
            string.CompareOrdinal(a.ToString("N"), b.ToString("N")),
        "timestamp" or "timestamptz" or "date" when TryTime(left, out var a) && TryTime(right, out var b) => a.CompareTo(b),
        _ => string.CompareOrdinal(left, right),
    };

    private static bool TryNumber(string text, out decimal number) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number);

    private static bool TryBoolean(string text, out bool value)
    {
        value = text is "t" or "true" or "1" or "yes" or "on";
        return value || text is "f" or "false" or "0" or "no" or "off";
    }

    private static bool TryTime(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);

    // NaN and infinities are texts in JSON.
    private static bool IsJsonNumber(string text) => char.IsAsciiDigit(text[^1]);

    // 2026-01-31 12:00:00.5+00 becomes 2026-01-31T12:00:00.5+00:00.
    private static string ToIso(string text)
    {
        var iso = text.Replace(' ', 'T');
        var sign = iso.LastIndexOfAny(['+', '-']);
        return sign > 10 && iso.Length - sign == 3 ? $"{iso}:00" : iso;
    }

    private static void WriteArray(Utf8JsonWriter json, string element, string text)
    {
        var at = 0;
        // Bounds other than one: [2:3]={1,2}.
        if (text.StartsWith('['))
        {
            at = text.IndexOf('=', StringComparison.Ordinal) + 1;
        }

        WriteLevel(json, element, text, ref at);
    }

    private static void WriteLevel(Utf8JsonWriter json, string element, string text, ref int at)
    {
        json.WriteStartArray();
        at++;
        while (at < text.Length && text[at] != '}')
        {
            if (text[at] == '{')
            {
                WriteLevel(json, element, text, ref at);
            }
            else
            {
                var (value, quoted) = ReadElement(text, ref at);
                WriteJson(json, element, !quoted && value == "NULL" ? null : value);
            }

            if (at < text.Length && text[at] == ',')
            {
                at++;
            }
        }

        at++;
        json.WriteEndArray();
    }

    private static (string Value, bool Quoted) ReadElement(string text, ref int at)
    {
        var value = new System.Text.StringBuilder();
        var quoted = text[at] == '"';
        at += quoted ? 1 : 0;
        while (at < text.Length && (quoted ? text[at] != '"' : text[at] is not (',' or '}')))
        {
            if (text[at] == '\\' && at + 1 < text.Length)
            {
                at++;
            }

            value.Append(text[at++]);
        }

        at += quoted ? 1 : 0;
        return (value.ToString(), quoted);
    }
}
