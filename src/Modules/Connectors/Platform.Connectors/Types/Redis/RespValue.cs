using System.Globalization;
using System.Text;

namespace Platform.Connectors.Types.Redis;

/// <summary>One reply of the protocol RESP2: text, a number, a list, nothing, or an error.</summary>
/// <param name="Bytes">Of text; null for nothing.</param>
/// <param name="Number">Of a number.</param>
/// <param name="Items">Of a list.</param>
/// <param name="IsError">Whether the text is an error's.</param>
internal sealed record RespValue(byte[]? Bytes, long? Number = null, IReadOnlyList<RespValue>? Items = null, bool IsError = false)
{
    public static readonly RespValue Nothing = new((byte[]?)null);

    public bool IsNothing => Bytes is null && Number is null && Items is null;

    /// <summary>The text, or the number as text; bytes that are no UTF-8 in the form <c>0x00ff</c>.</summary>
    public string Text
    {
        get
        {
            if (Bytes is null)
            {
                return Number?.ToString(CultureInfo.InvariantCulture) ?? "";
            }

            return System.Text.Unicode.Utf8.IsValid(Bytes) ? Encoding.UTF8.GetString(Bytes) : $"0x{Convert.ToHexStringLower(Bytes)}";
        }
    }
}
