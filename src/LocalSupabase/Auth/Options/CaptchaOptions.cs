namespace Platform.LocalSupabase.Auth.Options;

/// <summary>A service that tells people from programs, such as hCaptcha or Turnstile. Off without a secret.</summary>
public sealed class CaptchaOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string SectionName = "Auth:Captcha";

    /// <summary>The secret that the service gave.</summary>
    public string? Secret { get; init; }

    /// <summary>Where tokens are checked.</summary>
    public string VerifyUrl { get; init; } = "https://api.hcaptcha.com/siteverify";
}
