using System.Text.Json;

namespace Platform.Workflows.Domain;

/// <summary>What starts executions of a workflow without its owner.</summary>
internal sealed class Trigger
{
    public const string Webhook = "webhook";
    public const string Cron = "cron";
    public const string Event = "event";

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

    public string Status { get; private init; }

    /// <summary>Of a webhook: the SHA-256 of its address's last part, in hexadecimal digits.</summary>
    public string? TokenHash { get; private init; }

    /// <summary>Of a webhook: its signing secret, sealed under the owner's data key.</summary>
    public JsonElement? SecretEncrypted { get; private init; }

    /// <summary>Of an event trigger: the event's name on the wire.</summary>
    public string? EventName { get; private init; }

    /// <summary>Of a cron trigger: when it is due.</summary>
    public DateTimeOffset? NextFireAt { get; private init; }

    public DateTimeOffset? LastFiredAt { get; private init; }

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset UpdatedAt { get; private init; }

    /// <summary>A webhook. Its secret, if it has one, was sealed for its id.</summary>
    public static Trigger OfWebhook(Guid id, Workflow workflow, string tokenHash, JsonElement? sealedSecret, DateTimeOffset now) =>
        new(id, workflow.Id, workflow.UserId, Webhook, JsonSerializer.SerializeToElement(new { }), "active", now, now)
        {
            TokenHash = tokenHash,
            SecretEncrypted = sealedSecret,
        };
}
