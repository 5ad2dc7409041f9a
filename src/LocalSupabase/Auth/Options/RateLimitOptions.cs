using System.ComponentModel.DataAnnotations;

namespace Platform.LocalSupabase.Auth.Options;

/// <summary>How much may be asked for. Programs on this machine are not limited by address unless that is asked for.</summary>
public sealed class RateLimitOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string SectionName = "Auth:RateLimits";

    /// <summary>Whether clients on the loopback address are limited too.</summary>
    public bool Loopback { get; init; }

    /// <summary>The header in which a proxy in front names the client, such as X-Forwarded-For; its last entry counts.</summary>
    public string? AddressHeader { get; init; }

    /// <summary>How many calls of one kind an address may make at once.</summary>
    [Range(1, int.MaxValue)]
    public int Burst { get; init; } = 30;

    /// <summary>Sign-ins and refreshes in five minutes for each address.</summary>
    [Range(1, int.MaxValue)]
    public int TokensPerFiveMinutes { get; init; } = 150;

    /// <summary>Verifications in five minutes for each address.</summary>
    [Range(1, int.MaxValue)]
    public int VerificationsPerFiveMinutes { get; init; } = 30;

    /// <summary>Calls that may send a mail in five minutes, for each address and route.</summary>
    [Range(1, int.MaxValue)]
    public int RequestsPerFiveMinutes { get; init; } = 30;

    /// <summary>Anonymous sign-ups in an hour for each address.</summary>
    [Range(1, int.MaxValue)]
    public int AnonymousPerHour { get; init; } = 30;

    /// <summary>Mails in an hour for everybody together. If left out: 30 with a mail server, else no limit.</summary>
    [Range(1, int.MaxValue)]
    public int? MailsPerHour { get; init; }

    /// <summary>The least seconds between two mails of one kind to one person. If left out: 60 with a mail server, else 1.</summary>
    [Range(0, 86400)]
    public int? MailIntervalSeconds { get; init; }

    /// <summary>How many wrong passwords or codes one address may try in five minutes for one account.</summary>
    [Range(1, int.MaxValue)]
    public int WrongGuessesPerFiveMinutes { get; init; } = 30;

    /// <summary>After how many wrong codes, wherever they come from, a mailed code is void. Its link stays good.</summary>
    [Range(1, int.MaxValue)]
    public int WrongGuessesPerCode { get; init; } = 50;
}
