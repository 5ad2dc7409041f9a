using System.Text.Json;
using System.Text.Json.Nodes;

namespace Platform.Workflows.Domain;

/// <summary>What starts executions of a workflow without its owner.</summary>
internal sealed class Trigger
{
    public const string Webhook = "webhook";
    public const string Cron = "cron";
    public const string Event = "event";
    public const string Active = "active";
    public const string Paused = "paused";

    private Trigger(Guid id, Guid workflowId, Guid userId, string type, JsonElement config, string status, DateTimeOffset createdAt, DateTimeOffset updatedAt)
    {
        (Id, WorkflowId, UserId, Type) = (id, workflowId, userId, type);
        (Config, Status, CreatedAt, UpdatedAt) = (config, status, createdAt, updatedAt);
    }

    public Guid Id { get; private init; }

    public Guid WorkflowId { get; private init; }

    public Guid UserId { get; private init; }

    public string Type { get; private init; }

    public JsonElement Config { get; private init; }

    public string Status { get; private set; }

    /// <summary>Of a webhook: the SHA-256 of its address's last part, in hexadecimal digits.</summary>
    public string? TokenHash { get; private init; }

    /// <summary>Of a webhook: its signing secret, sealed under the owner's data key.</summary>
    public JsonElement? SecretEncrypted { get; private init; }

    /// <summary>Of an event trigger: the event's name on the wire.</summary>
    public string? EventName { get; private init; }

    /// <summary>Of a cron trigger: when it is due.</summary>
    public DateTimeOffset? NextFireAt { get; private set; }

    public DateTimeOffset? LastFiredAt { get; private set; }

    /// <summary>Why the last cause started nothing, where that was a fault; null after one that did.</summary>
    public string? LastError { get; private set; }

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>Whether it starts anything.</summary>
    public bool IsActive => Status == Active;

    /// <summary>When a cron trigger is due; null for one of another type.</summary>
    public CronSchedule? Schedule => Type == Cron ? CronSchedule.TryRead(TextOf("schedule"), TextOf("time_zone")) : null;

    /// <summary>What becomes of missed ticks.</summary>
    public MisfirePolicy Misfire => MisfirePolicies.Find(TextOf("misfire")) ?? MisfirePolicy.Once;

    /// <summary>The expression that decides whether an event starts anything; null for always.</summary>
    public string? Filter => TextOf("filter");

    /// <summary>A cron trigger, due from now on.</summary>
    /// <param name="workflow">What it starts.</param>
    /// <param name="config"><c>schedule</c>, <c>time_zone</c>, <c>misfire</c> and <c>input</c>, found valid.</param>
    /// <param name="now">The time.</param>
    public static Trigger OfCron(Workflow workflow, JsonElement config, DateTimeOffset now)
    {
        var trigger = new Trigger(Guid.CreateVersion7(now), workflow.Id, workflow.UserId, Cron, config, Active, now, now);
        trigger.NextFireAt = trigger.Schedule?.After(now);
        return trigger;
    }

    /// <summary>A trigger by an event.</summary>
    /// <param name="workflow">What it starts.</param>
    /// <param name="eventName">The event's name on the wire.</param>
    /// <param name="config"><c>filter</c> and <c>input</c>, found valid.</param>
    /// <param name="now">The time.</param>
    public static Trigger OfEvent(Workflow workflow, string eventName, JsonElement config, DateTimeOffset now) =>
        new(Guid.CreateVersion7(now), workflow.Id, workflow.UserId, Event, config, Active, now, now) { EventName = eventName };

    /// <summary>Lets it start nothing for the time being. Ticks of this time are not made up for.</summary>
    public void Pause(DateTimeOffset now) => (Status, NextFireAt, UpdatedAt) = (Paused, null, now);

    /// <summary>Lets it start executions again.</summary>
    public void Resume(DateTimeOffset now) => (Status, NextFireAt, UpdatedAt) = (Active, Schedule?.After(now), now);

    /// <summary>Takes in that it was due, and when it is due next.</summary>
    public void Fired(DateTimeOffset now, DateTimeOffset? next, string? error) =>
        (LastFiredAt, NextFireAt, LastError) = (error is null ? now : LastFiredAt, next, error);

    /// <summary>What the steps see as <c>input</c>: what its author gave, and what happened.</summary>
    /// <param name="cause">What happened, as <c>trigger</c>.</param>
    /// <param name="payload">Of an event: what it says, as <c>event</c>.</param>
    public JsonElement InputOf(JsonObject cause, JsonElement? payload)
    {
        var input = Config.TryGetProperty("input", out var given) ? JsonObject.Create(given.Clone())! : [];
        cause["id"] = Id.ToString();
        cause["type"] = Type;
        input["trigger"] = cause;
        if (payload is { } said)
        {
            input["event"] = JsonSerializer.SerializeToNode(said);
        }

        return JsonSerializer.SerializeToElement(input);
    }

    private string? TextOf(string member) =>
        Config.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>A webhook. Its secret, if it has one, was sealed for its id.</summary>
    public static Trigger OfWebhook(Guid id, Workflow workflow, string tokenHash, JsonElement? sealedSecret, DateTimeOffset now) =>
        new(id, workflow.Id, workflow.UserId, Webhook, JsonSerializer.SerializeToElement(new { }), Active, now, now)
        {
            TokenHash = tokenHash,
            SecretEncrypted = sealedSecret,
        };
}
