using OtpNet;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Auth;

/// <summary>The app on somebody's phone. Its clock is the server's.</summary>
internal sealed class Authenticator(string secret, AdjustableClock clock)
{
    private readonly Totp _totp = new(Base32Encoding.ToBytes(secret));

    /// <summary>The code of the present period, or of one that many periods later.</summary>
    public string Code(int periods = 0) => _totp.ComputeTotp(clock.GetUtcNow().UtcDateTime.AddSeconds(30 * periods));

    /// <summary>Six digits that are no code of now, of just before or of just after.</summary>
    public string WrongCode()
    {
        var right = Enumerable.Range(-2, 5).Select(Code).ToHashSet();
        return Enumerable.Range(0, 10).Select(digit => new string((char)('0' + digit), 6)).First(code => !right.Contains(code));
    }
}
