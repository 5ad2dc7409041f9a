using System.Text.Json;
using System.Text.Json.Serialization;
using Platform.Workflows.Domain;

namespace Platform.Workflows.Features.Triggers;

/// <summary>A trigger. The address of a webhook and a secret that was made for it are shown once, in the answer to its creation.</summary>
internal sealed record TriggerResponse(
    Guid Id, Guid WorkflowId, string Type, JsonElement Config, string Status, bool IsSigned, string? Event, DateTimeOffset? NextFireAt,
    DateTimeOffset? LastFiredAt, string? LastError, DateTimeOffset CreatedAt)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Token { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Path { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Secret { get; init; }

    public static TriggerResponse Of(Trigger trigger) => new(
        trigger.Id, trigger.WorkflowId, trigger.Type, trigger.Config, trigger.Status, trigger.SecretEncrypted is not null, trigger.EventName,
        trigger.NextFireAt, trigger.LastFiredAt, trigger.LastError, trigger.CreatedAt);
}
