using System.Text;
using Microsoft.AspNetCore.Http;
using Platform.LocalSupabase.Auth.Options;

namespace Platform.LocalSupabase.Auth.Passwords;

/// <summary>What a password must be, by the settings.</summary>
internal static class PasswordRules
{
    public const int MaxBytes = 72;     // what bcrypt reads; the rest would be ignored in silence

    private const string Lower = "abcdefghijklmnopqrstuvwxyz";
    private const string Upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private const string Digits = "0123456789";
    private const string Symbols = "!@#$%^&*()_+-=[]{};'\\:\"|<>?,./`~";

    /// <summary>For each requirement the sets that a password needs a character of.</summary>
    public static IReadOnlyDictionary<string, string[]> Requirements { get; } = new Dictionary<string, string[]>
    {
        [""] = [],
        ["letters_digits"] = [Lower + Upper, Digits],
        ["lower_upper_letters_digits"] = [Lower, Upper, Digits],
        ["lower_upper_letters_digits_symbols"] = [Lower, Upper, Digits, Symbols],
    };

    /// <exception cref="AuthException">It is too long for the hash, or too weak.</exception>
    public static void Check(string password, AuthOptions rules)
    {
        if (Encoding.UTF8.GetByteCount(password) > MaxBytes)
        {
            throw AuthException.Validation($"Password cannot be longer than {MaxBytes} characters");
        }

        if (Weakness(password, rules) is { } weakness)
        {
            throw Weak(weakness.Message, weakness.Reasons);
        }
    }

    /// <summary>What is wrong with a password, in words and as reasons; null when nothing is.</summary>
    public static (string Message, IReadOnlyList<string> Reasons)? Weakness(string password, AuthOptions rules)
    {
        var messages = new List<string>();
        var reasons = new List<string>();
        if (password.Length < rules.MinPasswordLength)
        {
            messages.Add($"Password should be at least {rules.MinPasswordLength} characters.");
            reasons.Add("length");
        }

        var sets = Requirements[rules.PasswordRequirements];
        if (sets.Any(set => password.All(letter => !set.Contains(letter, StringComparison.Ordinal))))
        {
            messages.Add($"Password should contain at least one character of each: {string.Join(", ", sets)}.");
            reasons.Add("characters");
        }

        return reasons.Count == 0 ? null : (string.Join(' ', messages), reasons);
    }

    public static AuthException Weak(string message, IReadOnlyList<string> reasons) =>
        new(StatusCodes.Status422UnprocessableEntity, "weak_password", message, reasons);
}
