using Platform.SharedKernel.Errors;

namespace Platform.Connectors.Domain;

/// <summary>A person was sent to a provider to authorize a connector. Whoever comes back with the state ends it, once.</summary>
internal sealed class OAuthAttempt
{
    /// <summary>How long the way there and back may take.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    private OAuthAttempt(
        Guid id, Guid connectorId, Guid userId, string stateHash, string verifierSealed, string configKey, string redirectUri,
        DateTimeOffset expiresAt, DateTimeOffset createdAt)
    {
        (Id, ConnectorId, UserId, StateHash, VerifierSealed) = (id, connectorId, userId, stateHash, verifierSealed);
        (ConfigKey, RedirectUri, ExpiresAt, CreatedAt) = (configKey, redirectUri, expiresAt, createdAt);
    }

    public Guid Id { get; private init; }

    public Guid ConnectorId { get; private init; }

    public Guid UserId { get; private init; }

    public string StateHash { get; private init; }

    public string VerifierSealed { get; private init; }

    public string ConfigKey { get; private init; }

    public string RedirectUri { get; private init; }

    public string? ReturnTo { get; private init; }

    public DateTimeOffset ExpiresAt { get; private init; }

    public DateTimeOffset? UsedAt { get; private init; }

    public DateTimeOffset CreatedAt { get; private init; }

    public static OAuthAttempt Begin(
        Connector connector, string stateHash, string verifierSealed, string configKey, string redirectUri, string? returnTo,
        DateTimeOffset now) =>
        new(
            Guid.CreateVersion7(now), connector.Id, connector.UserId, stateHash, verifierSealed, configKey, redirectUri, now + Life, now)
        { ReturnTo = returnTo };

    /// <summary>Whether its state still says anything.</summary>
    public bool IsOpenAt(DateTimeOffset now) => UsedAt is null && now < ExpiresAt;
}

/// <summary>Why a state is not taken.</summary>
internal static class OAuthState
{
    public static PlatformException Unknown() =>
        new NotFoundException("oauth_state_unknown", "This authorization was not begun here. Begin it again.");

    public static PlatformException Used() => new ConflictException("oauth_state_used", "This authorization has come back already.");

    public static PlatformException Expired() =>
        new RuleViolationException("oauth_state_expired", "This authorization has taken longer than ten minutes. Begin it again.");
}
