namespace Platform.LocalSupabase.Auth.Sessions;

/// <summary>How long sessions live. A session that has ended is refused at its next refresh.</summary>
public sealed class AuthSessionOptions
{
    /// <summary>Where these settings stand.</summary>
    public const string SectionName = "Auth:Sessions";

    /// <summary>How long a refresh token that was just replaced may be used once more.</summary>
    public TimeSpan RefreshTokenReuseInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a session lasts at most; without it, for as long as it is refreshed.</summary>
    public TimeSpan? Timebox { get; set; }

    /// <summary>How long a session may go without a refresh.</summary>
    public TimeSpan? InactivityTimeout { get; set; }

    /// <summary>How long a session may stay at aal1 when its user has a second factor.</summary>
    public TimeSpan? AllowLowAal { get; set; }

    /// <summary>Whether a new sign-in ends the user's earlier sessions.</summary>
    public bool SinglePerUser { get; set; }
}
