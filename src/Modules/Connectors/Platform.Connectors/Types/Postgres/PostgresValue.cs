using System.Text.Json;
using Platform.Connectors.Results;

namespace Platform.Connectors.Types.Postgres;

/// <summary>
/// Turns the text form of a value into JSON. The text form is asked for because every type has one: a source's own types, numbers
/// beyond any .NET type and infinite dates never fail a query.
/// </summary>
internal static class PostgresValue
{
    public static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> text, PostgresColumn column) =>
        Write(writer, text, column.Form, column.Element);

    private static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> text, PostgresForm form, PostgresForm element)
    {
        switch (form)
        {
            case PostgresForm.Number:
                WriteNumber(writer, text);
                break;
            case PostgresForm.Boolean:
                writer.WriteBooleanValue(text is [(byte)'t', ..]);
                break;
            case PostgresForm.Timestamp:
            case PostgresForm.TimestampWithZone:
                WriteTimestamp(writer, text, form == PostgresForm.TimestampWithZone);
                break;
            case PostgresForm.Json:
                JsonText.Write(writer, text);
                break;
            case PostgresForm.Array:
                WriteArray(writer, text, element);
                break;
            default:
                Utf8Text.Write(writer, text);
                break;
        }
    }

    private static void WriteNumber(Utf8JsonWriter writer, ReadOnlySpan<byte> text)
    {
        // NaN, Infinity and -Infinity have no JSON.
        if (text.IsEmpty || text is [>= (byte)'A', ..] or [(byte)'-', >= (byte)'A', ..])
        {
            writer.WriteNullValue();
        }
        else
        {
            writer.WriteRawValue(text, skipInputValidation: true);
        }
    }

    private static void WriteTimestamp(Utf8JsonWriter writer, ReadOnlySpan<byte> text, bool hasZone)
    {
        // "2026-01-31 12:00:00.5+00" becomes "2026-01-31T12:00:00.5Z"; infinity, BC and years of five digits stay as they are.
        if (text.Length is < 19 or > 40 || text[10] != (byte)' ' || !char.IsAsciiDigit((char)text[^1])
            || (hasZone && !text.EndsWith("+00"u8)))
        {
            Utf8Text.Write(writer, text);
            return;
        }

        Span<byte> iso = stackalloc byte[40];
        var length = hasZone ? text.Length - 2 : text.Length;
        text[..length].CopyTo(iso);
        iso[10] = (byte)'T';
        if (hasZone)
        {
            iso[length - 1] = (byte)'Z';
        }

        writer.WriteStringValue(iso[..length]);
    }

    /// <summary><c>{1,NULL,"a b",{2}}</c>: nested, quoted with backslashes; bounds in front (<c>[0:1]=</c>) are dropped.</summary>
    private static void WriteArray(Utf8JsonWriter writer, ReadOnlySpan<byte> text, PostgresForm element)
    {
        var at = text.IndexOf((byte)'{');
        if (at < 0)
        {
            Utf8Text.Write(writer, text);
            return;
        }

        var buffer = new byte[text.Length];
        for (; at < text.Length; at++)
        {
            switch (text[at])
            {
                case (byte)'{':
                    writer.WriteStartArray();
                    break;
                case (byte)'}':
                    writer.WriteEndArray();
                    break;
                case (byte)',':
                    break;
                case (byte)'"':
                    Write(writer, ReadQuoted(text, ref at, buffer), element, PostgresForm.Text);
                    break;
                default:
                    var length = text[at..].IndexOfAny((byte)',', (byte)'}');
                    var plain = text.Slice(at, length < 0 ? text.Length - at : length);
                    if (plain.SequenceEqual("NULL"u8))
                    {
                        writer.WriteNullValue();
                    }
                    else
                    {
                        Write(writer, plain, element, PostgresForm.Text);
                    }

                    at += plain.Length - 1;
                    break;
            }
        }
    }

    private static ReadOnlySpan<byte> ReadQuoted(ReadOnlySpan<byte> text, ref int at, byte[] buffer)
    {
        var length = 0;
        for (at++; at < text.Length && text[at] != (byte)'"'; at++)
        {
            if (text[at] == (byte)'\\' && at + 1 < text.Length)
            {
                at++;
            }

            buffer[length++] = text[at];
        }

        return buffer.AsSpan(0, length);
    }
}
