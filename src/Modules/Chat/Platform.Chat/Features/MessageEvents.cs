using System.Text.Json;

namespace Platform.Chat.Features;

/// <summary>What a watcher of a message is told, in the order of a message's life.</summary>
internal static class MessageEvents
{
    public const string Start = "message.start";
    public const string TextDelta = "text.delta";
    public const string ToolCall = "tool.call";
    public const string ToolResult = "tool.result";
    public const string ApprovalRequired = "approval.required";
    public const string ArtifactCreated = "artifact.created";
    public const string Usage = "usage";
    public const string Error = "error";
    public const string End = "message.end";
}

internal sealed record MessageStarted(Guid MessageId, Guid SessionId, string? Model);

/// <summary>Text to append to the part of that index.</summary>
internal sealed record TextDelta(int Part, string Text);

internal sealed record ToolCalled(string CallId, string Name, JsonElement Arguments);

internal sealed record ApprovalRequired(string CallId, string Name, JsonElement Arguments, string ArgumentsHash);

internal sealed record ArtifactCreated(Guid ArtifactId, string Type, string? Name, string CallId);

internal sealed record MessageFailed(string Code, string Detail);

internal sealed record MessageEnded(string Status);
