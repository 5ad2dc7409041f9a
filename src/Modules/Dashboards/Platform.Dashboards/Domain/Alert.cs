using System.Text.Json;

namespace Platform.Dashboards.Domain;

/// <summary>What an alert looks for, and what it tells whom.</summary>
internal sealed record AlertTerms(string Name, JsonElement Condition, JsonElement Notify, string Schedule, string Status);

/// <summary>Watches the data of a widget.</summary>
internal sealed class Alert
{
    public const int MaxNameLength = 120;
    public const int MaxAlerts = 20;
    public const string Active = "active";
    public const string Paused = "paused";

    private Alert(
        Guid id, Guid widgetId, Guid userId, string name, JsonElement condition, JsonElement notify, string schedule, string status,
        string state, DateTimeOffset createdAt, DateTimeOffset updatedAt)
    {
        (Id, WidgetId, UserId, Name, Condition, Notify) = (id, widgetId, userId, name, condition, notify);
        (Schedule, Status, State, CreatedAt, UpdatedAt) = (schedule, status, state, createdAt, updatedAt);
    }

    public Guid Id { get; private init; }

    public Guid WidgetId { get; private init; }

    public Guid UserId { get; private init; }

    public string Name { get; private set; }

    public JsonElement Condition { get; private set; }

    public JsonElement Notify { get; private set; }

    public string? WebhookSecretSealed { get; private set; }

    public string Schedule { get; private set; }

    public string Status { get; private set; }

    public string State { get; private set; }

    public DateTimeOffset? StateChangedAt { get; private set; }

    public DateTimeOffset? LastCheckedAt { get; private set; }

    public DateTimeOffset? NextCheckAt { get; private set; }

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset UpdatedAt { get; private set; }

    public AlertTerms Terms => new(Name, Condition, Notify, Schedule, Status);

    public static Alert Create(Guid id, Guid widgetId, Guid userId, AlertTerms terms, DateTimeOffset? next, DateTimeOffset now) =>
        new(id, widgetId, userId, terms.Name.Trim(), terms.Condition, terms.Notify, terms.Schedule, terms.Status, AlertState.Unknown, now, now)
        {
            NextCheckAt = terms.Status == Active ? next : null,
        };

    /// <summary>Changes the alert. Another condition knows nothing of what the one before found.</summary>
    public void Change(AlertTerms terms, DateTimeOffset? next, DateTimeOffset now)
    {
        if (!JsonElement.DeepEquals(Condition, terms.Condition))
        {
            (State, StateChangedAt) = (AlertState.Unknown, null);
        }

        (Name, Condition, Notify, Schedule, Status) = (terms.Name.Trim(), terms.Condition, terms.Notify, terms.Schedule, terms.Status);
        (NextCheckAt, UpdatedAt) = (Status == Active ? next : null, now);
    }

    public void SealWebhookSecret(string sealedSecret) => WebhookSecretSealed = sealedSecret;

    public void PutOff(DateTimeOffset? next) => NextCheckAt = next;

    /// <summary>What a check found.</summary>
    /// <returns>The state before, if it is another one now.</returns>
    public string? Record(string state, DateTimeOffset now)
    {
        var before = State;
        LastCheckedAt = now;
        if (before == state)
        {
            return null;
        }

        (State, StateChangedAt) = (state, now);
        return before;
    }
}

/// <summary>The states of an alert.</summary>
internal static class AlertState
{
    public const string Unknown = "unknown";
    public const string Ok = "ok";
    public const string Firing = "firing";
    public const string Error = "error";
}

/// <summary>A change of an alert's state.</summary>
internal sealed class AlertHistoryEntry
{
    private AlertHistoryEntry(
        Guid id, Guid alertId, Guid userId, string state, JsonElement? value, string? detail, bool notified, DateTimeOffset createdAt) =>
        (Id, AlertId, UserId, State, Value, Detail, Notified, CreatedAt) = (id, alertId, userId, state, value, detail, notified, createdAt);

    public Guid Id { get; private init; }

    public Guid AlertId { get; private init; }

    public Guid UserId { get; private init; }

    public string State { get; private init; }

    public JsonElement? Value { get; private init; }

    public string? Detail { get; private init; }

    /// <summary>Whether somebody is told.</summary>
    public bool Notified { get; private init; }

    public DateTimeOffset CreatedAt { get; private init; }

    public static AlertHistoryEntry Of(Alert alert, AlertFinding finding, bool notified, DateTimeOffset now) =>
        new(Guid.CreateVersion7(now), alert.Id, alert.UserId, finding.State, finding.Value, finding.Detail, notified, now);
}
