using System.Globalization;
using System.Text.RegularExpressions;

namespace Platform.LocalSupabase.Auth.Passwords;

/// <summary>Reads the fields of a hash in its textual notation.</summary>
internal static class HashFields
{
    /// <summary>A parameter of the hash function; null when it is none from 1 to the most that is allowed.</summary>
    public static int? Number(this Match match, string name, int most) =>
        int.TryParse(match.Groups[name].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            && number <= most
            ? number
            : null;

    /// <summary>Base64, with its padding or without; null when it is none.</summary>
    public static byte[]? Bytes(this Match match, string name)
    {
        var text = match.Groups[name].Value.TrimEnd('=');
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='), bytes, out var written) ? bytes[..written] : null;
    }
}
