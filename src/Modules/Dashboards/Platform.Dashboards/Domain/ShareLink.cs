using System.Text.Json;

namespace Platform.Dashboards.Domain;

/// <summary>What a share link allows.</summary>
internal sealed record ShareTerms(
    DateTimeOffset? ExpiresAt, JsonElement LockedParameters, string? PasswordHash, JsonElement AllowedOrigins);

/// <summary>A link that shows one board to whoever has it. The token itself is stored nowhere.</summary>
internal sealed class ShareLink
{
    public const int MaxLinks = 100;

    private ShareLink(
        Guid id, Guid dashboardId, Guid userId, string tokenHash, JsonElement lockedParameters, string? passwordHash,
        JsonElement allowedOrigins, DateTimeOffset? expiresAt, DateTimeOffset createdAt, DateTimeOffset updatedAt)
    {
        (Id, DashboardId, UserId, TokenHash) = (id, dashboardId, userId, tokenHash);
        (LockedParameters, PasswordHash, AllowedOrigins, ExpiresAt) = (lockedParameters, passwordHash, allowedOrigins, expiresAt);
        (CreatedAt, UpdatedAt) = (createdAt, updatedAt);
    }

    public Guid Id { get; private init; }

    public Guid DashboardId { get; private init; }

    public Guid UserId { get; private init; }

    /// <summary>SHA-256 of the token, in hexadecimal digits.</summary>
    public string TokenHash { get; private init; }

    public JsonElement LockedParameters { get; private init; }

    public string? PasswordHash { get; private init; }

    /// <summary>The origins that may show the board in a frame: an array of text.</summary>
    public JsonElement AllowedOrigins { get; private init; }

    public DateTimeOffset? ExpiresAt { get; private init; }

    public DateTimeOffset? RevokedAt { get; private init; }

    public DateTimeOffset? LastUsedAt { get; private init; }

    public long Uses { get; private init; }

    public int FailedAttempts { get; private init; }

    public DateTimeOffset? LockedUntil { get; private init; }

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset UpdatedAt { get; private init; }

    public static ShareLink Create(Guid dashboardId, Guid userId, string tokenHash, ShareTerms terms, DateTimeOffset now) =>
        new(
            Guid.CreateVersion7(now), dashboardId, userId, tokenHash, terms.LockedParameters, terms.PasswordHash, terms.AllowedOrigins,
            terms.ExpiresAt, now, now);
}
