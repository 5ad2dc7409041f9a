using System.Text.RegularExpressions;

namespace Platform.LocalSupabase.Auth.Users;

/// <summary>E-mail addresses as people type them.</summary>
internal static partial class EmailAddress
{
    /// <summary>The address in lower case, as it is stored and compared.</summary>
    public static string Normalize(string? email) =>
        email is { Length: > 0 and <= 255 } && Pattern().IsMatch(email)
            ? email.ToLowerInvariant()
            : throw AuthException.Validation("Unable to validate email address: invalid format");

    [GeneratedRegex(
        @"^[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*\z",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Pattern();
}
