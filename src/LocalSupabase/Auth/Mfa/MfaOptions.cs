using System.ComponentModel.DataAnnotations;

namespace Platform.LocalSupabase.Auth.Mfa;

/// <summary>The second factors.</summary>
public sealed class MfaOptions
{
    /// <summary>Where these settings stand.</summary>
    public const string SectionName = "Auth:Mfa";

    /// <summary>Whether users may enrol an authenticator app.</summary>
    public bool TotpEnrollEnabled { get; set; } = true;

    /// <summary>Whether codes of an authenticator app are taken.</summary>
    public bool TotpVerifyEnabled { get; set; } = true;

    /// <summary>How many factors a user may have.</summary>
    [Range(1, 100)]
    public int MaxEnrolledFactors { get; set; } = 10;

    /// <summary>How long a challenge, and a factor that was never verified, is good for, in seconds.</summary>
    [Range(1, 86400)]
    public int ExpirySeconds { get; set; } = 300;

    /// <summary>How many challenges and codes a user may try in a minute, and so many an address for all its users.</summary>
    [Range(1, int.MaxValue)]
    public int AttemptsPerMinute { get; set; } = 15;

    /// <summary>Whether a code that was taken once is refused within its time.</summary>
    public bool RefuseUsedCodes { get; set; } = true;
}
