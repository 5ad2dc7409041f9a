using System.Text.RegularExpressions;

namespace Platform.LocalSupabase.Auth.Users;

/// <summary>Phone numbers as people type them (E.164).</summary>
internal static partial class PhoneNumber
{
    /// <summary>The number as it is stored and compared: digits alone, without the plus.</summary>
    public static string Normalize(string phone)
    {
        var digits = phone.Replace(" ", "", StringComparison.Ordinal).TrimStart('+');
        return Pattern().IsMatch(digits) ? digits : throw AuthException.Validation("Invalid phone number format (E.164 required)");
    }

    [GeneratedRegex(@"^[1-9][0-9]{1,14}\z", RegexOptions.NonBacktracking)]
    private static partial Regex Pattern();
}
