using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Platform.LocalSupabase.Auth.Options;

/// <summary>How people sign up and in.</summary>
public sealed class AuthOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string SectionName = "Auth";

    /// <summary>Whether a sign-up counts as confirmed without a mail.</summary>
    public bool AutoConfirm { get; init; } = true;

    /// <summary>Whether nobody new may sign up.</summary>
    public bool DisableSignup { get; init; }

    /// <summary>Whether people may sign up and in with an e-mail address.</summary>
    public bool EmailEnabled { get; init; } = true;

    /// <summary>Whether a phone number counts as confirmed without a code; phones are served then, too.</summary>
    public bool PhoneAutoConfirm { get; init; }

    /// <summary>Whether people may sign in without saying who they are.</summary>
    public bool AllowAnonymous { get; init; }

    /// <summary>Where links in mails lead when no other place is asked for; the Host's own URL if left out.</summary>
    public string? SiteUrl { get; init; }

    /// <summary>Further places that links may lead to, comma-separated. * stands for what has no dot or slash, ** for anything.</summary>
    public string? RedirectUrls { get; init; }

    /// <summary>The digits of a code.</summary>
    [Range(6, 10)]
    public int OtpLength { get; init; } = 6;

    /// <summary>How long a mailed code or link is good for, in seconds.</summary>
    [Range(1, 86400 * 7)]
    public int OtpExpirySeconds { get; init; } = 3600;

    /// <summary>How long a code for a phone is good for, in seconds.</summary>
    [Range(1, 86400)]
    public int SmsOtpExpirySeconds { get; init; } = 60;

    /// <summary>Phone numbers (digits alone) with their fixed codes. Without any, phones are served only with PhoneAutoConfirm.</summary>
    public Dictionary<string, string> TestOtps { get; init; } = [];

    /// <summary>The least characters of a password.</summary>
    [Range(6, 72)]
    public int MinPasswordLength { get; init; } = 6;

    /// <summary>Empty, letters_digits, lower_upper_letters_digits or lower_upper_letters_digits_symbols.</summary>
    public string PasswordRequirements { get; init; } = "";

    /// <summary>Who knows breached passwords by a part of their hash, such as https://api.pwnedpasswords.com/range/.</summary>
    public string? BreachedPasswordsUrl { get; init; }

    /// <summary>Whether a new e-mail address must be confirmed at the old one too.</summary>
    public bool SecureEmailChange { get; init; } = true;

    /// <summary>Whether a new password takes a mailed nonce when the session is older than a day.</summary>
    public bool SecurePasswordChange { get; init; }

    /// <summary>Whether a new password takes the current one.</summary>
    public bool RequireCurrentPassword { get; init; }

    /// <summary>How mails leave.</summary>
    public SmtpOptions Smtp { get; init; } = new();

    /// <summary>What mails say.</summary>
    public MailTemplatesOptions Templates { get; init; } = new();

    /// <summary>How often things may be asked for.</summary>
    public RateLimitOptions RateLimits { get; init; } = new();

    /// <summary>Who tells people from programs.</summary>
    public CaptchaOptions Captcha { get; init; } = new();

    internal TimeSpan OtpLifetime => TimeSpan.FromSeconds(OtpExpirySeconds);

    internal TimeSpan SmsOtpLifetime => TimeSpan.FromSeconds(SmsOtpExpirySeconds);

    internal bool PhoneEnabled => TestOtps.Count > 0 || PhoneAutoConfirm;

    /// <summary>The least time between two mails to one person: a real mailbox is to be spared, the own inbox is not.</summary>
    internal TimeSpan MailInterval => TimeSpan.FromSeconds(RateLimits.MailIntervalSeconds ?? (Smtp.IsConfigured ? 60 : 1));

    internal int MailsPerHour => RateLimits.MailsPerHour ?? (Smtp.IsConfigured ? 30 : int.MaxValue);

    /// <summary>Reads the section and checks it.</summary>
    /// <param name="configuration">The host's configuration.</param>
    /// <returns>The settings.</returns>
    /// <exception cref="OptionsValidationException">A setting makes no sense.</exception>
    public static AuthOptions Read(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var options = configuration.GetSection(SectionName).Get<AuthOptions>() ?? new AuthOptions();
        options.Validate();
        return options;
    }

    internal void Validate()
    {
        var failures = Failures().ToList();
        if (failures.Count > 0)
        {
            throw new OptionsValidationException(SectionName, typeof(AuthOptions), failures);
        }
    }

    private IEnumerable<string> Failures()
    {
        foreach (object part in new object[] { this, Smtp, RateLimits, Captcha })
        {
            var results = new List<ValidationResult>();
            Validator.TryValidateObject(part, new ValidationContext(part), results, validateAllProperties: true);
            foreach (var result in results)
            {
                yield return $"{SectionName}: {result.ErrorMessage}";
            }
        }

        foreach (var (name, url) in new[]
            { (nameof(SiteUrl), SiteUrl), (nameof(BreachedPasswordsUrl), BreachedPasswordsUrl), ("Captcha:VerifyUrl", Captcha.VerifyUrl) })
        {
            if (!string.IsNullOrEmpty(url) && !(Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
            {
                yield return $"{SectionName}:{name} must be an absolute http or https URL.";
            }
        }

        if (!Passwords.PasswordRules.Requirements.ContainsKey(PasswordRequirements))
        {
            var known = string.Join(", ", Passwords.PasswordRules.Requirements.Keys);
            yield return $"{SectionName}:{nameof(PasswordRequirements)} must be one of {known}.";
        }

        if (TestOtps.Any(test => !(test.Key + test.Value).All(char.IsAsciiDigit) || test.Value.Length is < 6 or > 10))
        {
            yield return $"{SectionName}:{nameof(TestOtps)} must map phone numbers (digits alone) to codes of 6 to 10 digits.";
        }

        foreach (var problem in Templates.Problems())
        {
            yield return problem;
        }

        if (Smtp.IsConfigured && string.IsNullOrEmpty(Smtp.Sender))
        {
            yield return $"{SmtpOptions.SectionName}:{nameof(SmtpOptions.Sender)} is required when {SmtpOptions.SectionName}:Host is set.";
        }
    }
}
