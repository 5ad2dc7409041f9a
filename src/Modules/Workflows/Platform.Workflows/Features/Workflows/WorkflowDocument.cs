using System.Text.Json;

namespace Platform.Workflows.Features.Workflows;

/// <summary>A workflow as it is written down, to be taken elsewhere. Literal secrets stand as asterisks; webhooks are left out: their address is one.</summary>
/// <param name="Format">What this is.</param>
/// <param name="Name">Its name.</param>
/// <param name="Steps">The draft's steps.</param>
/// <param name="Config">The draft's config.</param>
/// <param name="Description">What it is for.</param>
/// <param name="Triggers">Its triggers by time and by event.</param>
internal sealed record WorkflowDocument(
    string Format, string Name, JsonElement Steps, JsonElement Config, string? Description = null, IReadOnlyList<TriggerDocument>? Triggers = null)
{
    public const string CurrentFormat = "platform.workflow/1";
}

/// <param name="Type"><c>cron</c> or <c>event</c>.</param>
/// <param name="Config">Its members, as when it was made.</param>
/// <param name="Event">Of an event trigger: the event's name on the wire.</param>
internal sealed record TriggerDocument(string Type, JsonElement Config, string? Event = null);
