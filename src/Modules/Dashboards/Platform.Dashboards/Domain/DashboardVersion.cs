using System.Text.Json;

namespace Platform.Dashboards.Domain;

/// <summary>A board as it was. The database writes versions itself, one for each transaction that changed a board.</summary>
internal sealed class DashboardVersion
{
    private DashboardVersion(
        Guid id, Guid dashboardId, Guid userId, int version, JsonElement snapshot, string? reason, Guid? authorId, DateTimeOffset createdAt) =>
        (Id, DashboardId, UserId, Version, Snapshot, Reason, AuthorId, CreatedAt) =
        (id, dashboardId, userId, version, snapshot, reason, authorId, createdAt);

    public Guid Id { get; private init; }

    public Guid DashboardId { get; private init; }

    public Guid UserId { get; private init; }

    public int Version { get; private init; }

    /// <summary>A <see cref="BoardDocument"/>.</summary>
    public JsonElement Snapshot { get; private init; }

    public string? Reason { get; private init; }

    public Guid? AuthorId { get; private init; }

    public DateTimeOffset CreatedAt { get; private init; }
}
