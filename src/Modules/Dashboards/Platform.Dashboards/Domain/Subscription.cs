using System.Text.Json;

namespace Platform.Dashboards.Domain;

/// <summary>When a subscriber gets a board, and how it looks.</summary>
internal sealed record SubscriptionTerms(string Schedule, string TimeZone, string Format, string Theme, JsonElement Parameters, string Status);

/// <summary>A board by mail, on a schedule.</summary>
internal sealed class Subscription
{
    public const int MaxSubscriptions = 50;
    public const string Active = "active";
    public const string Paused = "paused";

    /// <summary>Ended by the product itself; <see cref="Reason"/> says why. Its subscriber may begin it again.</summary>
    public const string Stopped = "stopped";

    private Subscription(
        Guid id, Guid dashboardId, Guid userId, string schedule, string timeZone, string format, string theme, JsonElement parameters,
        string status, DateTimeOffset createdAt, DateTimeOffset updatedAt)
    {
        (Id, DashboardId, UserId, Schedule, TimeZone) = (id, dashboardId, userId, schedule, timeZone);
        (Format, Theme, Parameters, Status, CreatedAt, UpdatedAt) = (format, theme, parameters, status, createdAt, updatedAt);
    }

    public Guid Id { get; private init; }

    public Guid DashboardId { get; private init; }

    public Guid UserId { get; private init; }

    public string Schedule { get; private set; }

    public string TimeZone { get; private set; }

    public string Format { get; private set; }

    public string Theme { get; private set; }

    public JsonElement Parameters { get; private set; }

    public string Status { get; private set; }

    public string? Reason { get; private set; }

    public DateTimeOffset? NextRunAt { get; private set; }

    public DateTimeOffset? LastSentAt { get; private set; }

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset UpdatedAt { get; private set; }

    public SubscriptionTerms Terms => new(Schedule, TimeZone, Format, Theme, Parameters, Status);

    public static Subscription Create(Guid dashboardId, Guid userId, SubscriptionTerms terms, DateTimeOffset? next, DateTimeOffset now) =>
        new(
            Guid.CreateVersion7(now), dashboardId, userId, terms.Schedule, terms.TimeZone, terms.Format, terms.Theme, terms.Parameters, terms.Status,
            now, now)
        {
            NextRunAt = terms.Status == Active ? next : null,
        };

    public void Change(SubscriptionTerms terms, DateTimeOffset? next, DateTimeOffset now)
    {
        (Schedule, TimeZone, Format, Theme) = (terms.Schedule, terms.TimeZone, terms.Format, terms.Theme);
        (Parameters, Status, UpdatedAt) = (terms.Parameters, terms.Status, now);
        Reason = Status == Stopped ? Reason : null;
        NextRunAt = Status == Active ? next : null;
    }

    public void PutOff(DateTimeOffset? next) => NextRunAt = next;

    public void Stop(string reason, DateTimeOffset now) => (Status, Reason, NextRunAt, UpdatedAt) = (Stopped, reason, null, now);

    public void Sent(DateTimeOffset now) => LastSentAt = now;
}
