using System.Text.Json.Nodes;

namespace Platform.LocalSupabase.Auth.Flows;

/// <summary>
/// A sign-in that leaves this server and comes back: through a mail, or through a provider. With a challenge it ends in a code that the
/// application trades for a session, without one in the session itself.
/// </summary>
internal sealed record FlowState
{
    /// <summary>How long somebody may take at a provider.</summary>
    public static readonly TimeSpan SignInTime = TimeSpan.FromMinutes(15);

    public required Guid Id { get; init; }

    public Guid? UserId { get; init; }

    /// <summary>What the application trades; known to nobody before the flow is completed.</summary>
    public required string AuthCode { get; init; }

    public CodeChallenge? Challenge { get; init; }

    /// <summary>The provider, or <c>email</c>, <c>magiclink</c>, <c>recovery</c> and the like.</summary>
    public required string ProviderType { get; init; }

    /// <summary>The method that the session will name in its <c>amr</c> claim.</summary>
    public required string AuthenticationMethod { get; init; }

    public string? ProviderAccessToken { get; init; }

    public string? ProviderRefreshToken { get; init; }

    /// <summary>Where the browser goes at the end.</summary>
    public string? Referrer { get; init; }

    /// <summary>The user that a new identity is to be linked to.</summary>
    public Guid? LinkingTargetId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the code was handed out; its life begins then.</summary>
    public DateTimeOffset? AuthCodeIssuedAt { get; init; }

    /// <summary>Whether somebody may still come back from a provider with it, for the first time.</summary>
    public bool IsOpenAt(DateTimeOffset now) => AuthCodeIssuedAt is null && CreatedAt + SignInTime > now;

    /// <summary>Adds the provider's own tokens to a session, for an application that goes on to call the provider.</summary>
    public void AddProviderTokens(JsonObject session)
    {
        foreach (var (name, token) in new[] { ("provider_token", ProviderAccessToken), ("provider_refresh_token", ProviderRefreshToken) })
        {
            if (!string.IsNullOrEmpty(token))
            {
                session[name] = token;
            }
        }
    }

    public static FlowState Begin(
        CodeChallenge? challenge, string providerType, string authenticationMethod, Guid? userId, string? referrer,
        DateTimeOffset now) => new()
        {
            Id = Guid.CreateVersion7(now),
            UserId = userId,
            // All of it is random: nothing may be guessed from the time.
            AuthCode = new Guid(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16)).ToString(),
            Challenge = challenge,
            ProviderType = providerType,
            AuthenticationMethod = authenticationMethod,
            Referrer = referrer,
            CreatedAt = now,
        };
}
