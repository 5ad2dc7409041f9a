using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Platform.Dashboards.Domain.Parameters;

/// <summary>Checks a value against its parameter, and turns it into what is bound.</summary>
internal static partial class ParameterValue
{
    private const int MaxTextLength = 10_000;
    private const int MaxDays = 36_500;
    private const string DateWords = "Must be a date as in 2026-01-31, or a day as in today, today-7d.";

    /// <summary>What is wrong with a value, and where below it; null if nothing is. Null is no value, and never wrong.</summary>
    public static (string Path, string Message)? FaultOf(ParameterDefinition definition, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return definition.Type switch
        {
            ParameterTypes.Text => value.ValueKind == JsonValueKind.String && value.GetString()!.Length <= MaxTextLength
                ? null : ("", $"Must be a text of at most {MaxTextLength} characters."),
            ParameterTypes.Number => value.ValueKind == JsonValueKind.Number ? null : ("", "Must be a number."),
            ParameterTypes.Boolean => value.ValueKind is JsonValueKind.True or JsonValueKind.False ? null : ("", "Must be true or false."),
            ParameterTypes.Date => IsDate(value) ? null : ("", DateWords),
            ParameterTypes.DateRange => RangeFaultOf(value),
            ParameterTypes.Enumeration => definition.Options.Any(option => JsonElement.DeepEquals(option.Value, value))
                ? null : ("", "Must be one of the options."),
            _ => IsScalar(value) ? null : ("", "Must be a text, a number or a boolean."),
        };
    }

    /// <summary>The names and values that are bound for a value that has no fault.</summary>
    public static IEnumerable<(string Name, JsonElement Value)> Bind(ParameterDefinition definition, JsonElement? value, DateOnly today)
    {
        var given = value is { ValueKind: not JsonValueKind.Null } known ? known : (JsonElement?)null;
        if (definition.Type == ParameterTypes.DateRange)
        {
            return
            [
                ($"{definition.Name}_from", Day(given is { } from ? ParameterDefinitions.MemberOf(from, "from") : null, today)),
                ($"{definition.Name}_to", Day(given is { } to ? ParameterDefinitions.MemberOf(to, "to") : null, today)),
            ];
        }

        return [(definition.Name, definition.Type == ParameterTypes.Date ? Day(given, today) : given ?? Null)];
    }

    /// <summary>The names that a parameter is bound under.</summary>
    public static IEnumerable<string> NamesOf(ParameterDefinition definition) => Bind(definition, null, default).Select(bound => bound.Name);

    private static readonly JsonElement Null = JsonSerializer.SerializeToElement<object?>(null);

    private static bool IsScalar(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!.Length <= MaxTextLength,
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => true,
        _ => false,
    };

    private static bool IsDate(JsonElement value) => value.ValueKind == JsonValueKind.String && TryDay(value.GetString()!, default, out _);

    private static (string Path, string Message)? RangeFaultOf(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object
            || value.EnumerateObject().Any(member => member.Name is not ("from" or "to")))
        {
            return ("", "Must be a range: {\"from\": date, \"to\": date}; either may be left out.");
        }

        var (from, to) = (ParameterDefinitions.MemberOf(value, "from"), ParameterDefinitions.MemberOf(value, "to"));
        if (from is { } first && !IsDate(first))
        {
            return (".from", DateWords);
        }

        if (to is { } last && !IsDate(last))
        {
            return (".to", DateWords);
        }

        var middle = new DateOnly(2000, 1, 1);
        return from is { } start && to is { } end && IsRelative(start) == IsRelative(end)
            && TryDay(start.GetString()!, middle, out var begin) && TryDay(end.GetString()!, middle, out var finish) && finish < begin
            ? (".to", "Must not be before the beginning of the range.")
            : null;
    }

    private static bool IsRelative(JsonElement day) => day.GetString()!.StartsWith("today", StringComparison.Ordinal);

    private static JsonElement Day(JsonElement? value, DateOnly today) =>
        value is { } text && TryDay(text.GetString()!, today, out var day)
            ? JsonSerializer.SerializeToElement(day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture))
            : Null;

    private static bool TryDay(string text, DateOnly today, out DateOnly day)
    {
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day))
        {
            return true;
        }

        if (RelativeDay().Match(text) is not { Success: true } match)
        {
            return false;
        }

        var days = match.Groups["days"].Success ? int.Parse(match.Groups["days"].Value, CultureInfo.InvariantCulture) : 0;
        day = today == default ? default : today.AddDays(days);
        return Math.Abs(days) <= MaxDays;
    }

    [GeneratedRegex(@"^today(?:(?<days>[+-]\d{1,5})d)?$", RegexOptions.CultureInvariant)]
    private static partial Regex RelativeDay();
}
