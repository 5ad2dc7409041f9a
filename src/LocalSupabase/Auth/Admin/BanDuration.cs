using System.Globalization;
using System.Text.RegularExpressions;

namespace Platform.LocalSupabase.Auth.Admin;

/// <summary>A duration as the admin API takes it: <c>24h</c>, <c>1h30m</c>, or <c>none</c> to lift a ban.</summary>
internal static partial class BanDuration
{
    public static DateTimeOffset? Until(string duration, DateTimeOffset now)
    {
        if (duration == "none")
        {
            return null;
        }

        if (!Pattern().IsMatch(duration))
        {
            throw Invalid();
        }

        var seconds = Part().Matches(duration).Sum(part =>
            double.Parse(part.Groups[1].ValueSpan, CultureInfo.InvariantCulture) * SecondsOf(part.Groups[2].ValueSpan));
        return seconds > 0 && seconds < (DateTimeOffset.MaxValue - now).TotalSeconds ? now.AddSeconds(seconds) : throw Invalid();
    }

    private static double SecondsOf(ReadOnlySpan<char> unit) => unit switch
    {
        "h" => 3600,
        "m" => 60,
        "s" => 1,
        "ms" => 1e-3,
        "ns" => 1e-9,
        _ => 1e-6,
    };

    private static AuthException Invalid() => AuthException.Validation("invalid format for ban duration");

    [GeneratedRegex(@"^(?:[0-9]+(?:\.[0-9]+)?(?:ns|us|µs|ms|s|m|h))+\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Pattern();

    [GeneratedRegex(@"([0-9]+(?:\.[0-9]+)?)(ns|us|µs|ms|s|m|h)", RegexOptions.CultureInvariant)]
    private static partial Regex Part();
}
