namespace Platform.Connectors.Domain;

/// <summary>What a provider has granted to a connector, without the tokens.</summary>
internal sealed class OAuthGrant
{
    public const string Active = "active";
    public const string Refused = "refused";

    private OAuthGrant(Guid connectorId, Guid userId, string configKey, string status) =>
        (ConnectorId, UserId, ConfigKey, Status) = (connectorId, userId, configKey, status);

    public Guid ConnectorId { get; private init; }

    public Guid UserId { get; private init; }

    public string ConfigKey { get; private init; }

    public string Status { get; private init; }

    public string? Scope { get; private init; }

    public bool IsRenewable { get; private init; }

    /// <summary>Counts the tokens.</summary>
    public long Version { get; private init; }

    public DateTimeOffset AuthorizedAt { get; private init; }

    public DateTimeOffset IssuedAt { get; private init; }

    public DateTimeOffset? ExpiresAt { get; private init; }

    public DateTimeOffset? LeaseUntil { get; private init; }

    public long Fence { get; private init; }

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset UpdatedAt { get; private init; }
}
