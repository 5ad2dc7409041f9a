using System.Text.Json;

namespace Platform.Connectors.Domain;

/// <summary>A data source of a person. Its sealed credentials are <see cref="ConnectorSecrets"/>, which is never read with it.</summary>
internal sealed class Connector
{
    public const int MaxNameLength = 120;
    public const int MaxScheduleLength = 120;
    private const int MaxReasonLength = 500;

    private Connector(
        Guid id, Guid userId, string name, string type, JsonElement config, JsonElement credentialsSet, string status,
        DateTimeOffset createdAt)
    {
        (Id, UserId, Name, Type, Config, CredentialsSet, Status) = (id, userId, name, type, config, credentialsSet, status);
        (CreatedAt, UpdatedAt) = (createdAt, createdAt);
    }

    public Guid Id { get; private init; }

    public Guid UserId { get; private init; }

    public string Name { get; private set; }

    public string Type { get; private init; }

    public JsonElement Config { get; private set; }

    /// <summary>Field name to the time it was set: what may be shown of the credentials.</summary>
    public JsonElement CredentialsSet { get; private set; }

    public string Status { get; private set; }

    /// <summary>Why the status is <c>error</c>: a code of a test, or of a sync that failed.</summary>
    public string? StatusCode { get; private set; }

    public string? StatusReason { get; private set; }

    public DateTimeOffset? LastSync { get; private set; }

    /// <summary>A cron expression of five fields.</summary>
    public string? Schedule { get; private set; }

    /// <summary>The IANA name of the zone whose clock the schedule goes by; null is UTC.</summary>
    public string? TimeZone { get; private set; }

    public DateTimeOffset? NextSyncAt { get; private set; }

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset UpdatedAt { get; private set; }

    public static Connector Create(Guid id, Guid userId, string name, string type, JsonElement config, DateTimeOffset now) =>
        new(id, userId, name.Trim(), type, config, JsonSerializer.SerializeToElement(new { }), ConnectorStatus.Pending, now);

    public void Rename(string name, DateTimeOffset now) => (Name, UpdatedAt) = (name.Trim(), now);

    /// <summary>A changed source has to show again that it works.</summary>
    public void Configure(JsonElement config, DateTimeOffset now)
    {
        Config = config;
        SetStatus(ConnectorStatus.Pending, null, null, now);
    }

    public void RecordCredentials(JsonElement credentialsSet, DateTimeOffset now)
    {
        CredentialsSet = credentialsSet;
        SetStatus(ConnectorStatus.Pending, null, null, now);
    }

    /// <summary>Somebody has authorized it anew, or taken that back: it has to show again whether it works.</summary>
    public void RecordAuthorization(DateTimeOffset now)
    {
        if (Status != ConnectorStatus.Paused)
        {
            SetStatus(ConnectorStatus.Pending, null, null, now);
        }
    }

    public void PutOnSchedule(string? schedule, string? timeZone, DateTimeOffset? next, DateTimeOffset now) =>
        (Schedule, TimeZone, NextSyncAt, UpdatedAt) = (schedule, timeZone, next, now);

    public void Pause(bool paused, DateTimeOffset now) =>
        SetStatus(paused ? ConnectorStatus.Paused : ConnectorStatus.Pending, null, null, now);

    /// <summary>What a test or a sync has found. A paused connector stays paused.</summary>
    /// <returns>Whether the status is another one now.</returns>
    public bool RecordHealth(bool healthy, string? code, string? detail, DateTimeOffset now)
    {
        var (status, before) = (healthy ? ConnectorStatus.Active : ConnectorStatus.Error, Status);
        if (Status == ConnectorStatus.Paused)
        {
            return false;
        }

        SetStatus(status, healthy ? null : code, healthy ? null : $"{code}: {detail}", now);
        return before != Status;
    }

    public void RecordSync(DateTimeOffset now) => (LastSync, UpdatedAt) = (now, now);

    private void SetStatus(string status, string? code, string? reason, DateTimeOffset now) =>
        (Status, StatusCode, StatusReason, UpdatedAt) =
            (status, code, reason?.Length > MaxReasonLength ? reason[..MaxReasonLength] : reason, now);
}

/// <summary>The states of a connector.</summary>
internal static class ConnectorStatus
{
    public const string Pending = "pending";
    public const string Active = "active";
    public const string Error = "error";
    public const string Paused = "paused";
}

/// <summary>
/// The sealed credentials in the same row. They are written through this and read through the database function that checks the owner:
/// the column is outside of what the caller's role may select.
/// </summary>
internal sealed class ConnectorSecrets(Guid id)
{
    public Guid Id { get; private init; } = id;

    public JsonElement? CredentialsEncrypted { get; private set; }

    public void Replace(JsonElement? sealedCredentials) => CredentialsEncrypted = sealedCredentials;
}
