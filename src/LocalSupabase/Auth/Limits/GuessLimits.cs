using Microsoft.AspNetCore.Http;

namespace Platform.LocalSupabase.Auth.Limits;

/// <summary>
/// Stops guessing without locking anybody out. Wrong passwords and codes count against the address that tried them, for that one account:
/// the owner, elsewhere, does not notice. Against many addresses there is a count for each mailed code, after which the code is void; the
/// link beside it, which nobody can guess, is not, and neither is the next code.
/// </summary>
internal sealed class GuessLimits(LocalSupabaseOptions options, AddressLimits addresses, TokenBuckets buckets)
{
    private const int LongestAccount = 255;     // an address is no longer; what is, is nobody's

    private Rate PerAddress => Rate.Of(
        options.Auth.RateLimits.WrongGuessesPerFiveMinutes, options.Auth.RateLimits.WrongGuessesPerFiveMinutes, TimeSpan.FromMinutes(5));

    private Rate PerCode => Rate.Of(
        options.Auth.RateLimits.WrongGuessesPerCode, options.Auth.RateLimits.WrongGuessesPerCode, options.Auth.OtpLifetime);

    /// <summary>Counts a guess before it is looked at, so that many at once are counted too.</summary>
    public void Begin(HttpContext context, string account) => addresses.Take(context, GuessesAt(account), PerAddress);

    /// <summary>The guess was right and is not counted.</summary>
    public void WasRight(HttpContext context, string account)
    {
        if (addresses.KeyOf(context) is { } address)
        {
            buckets.GiveBack($"{GuessesAt(account)} {address}", PerAddress);
        }
    }

    /// <summary>Whether a code for this account may still be tried.</summary>
    public bool MayTryCode(string account) => buckets.Take($"code {account}", PerCode) == TimeSpan.Zero;

    public void CodeIssued(string account) => buckets.Refill($"code {account}");

    private static string GuessesAt(string account) => $"guess {account[..Math.Min(account.Length, LongestAccount)]}";
}
