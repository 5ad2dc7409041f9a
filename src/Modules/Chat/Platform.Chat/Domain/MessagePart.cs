using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Platform.SharedKernel.Infrastructure.Json;

namespace Platform.Chat.Domain;

/// <summary>A piece of a message. Which members it has depends on its type.</summary>
internal sealed record MessagePart(string Type)
{
    public const string TextType = "text";
    public const string ToolCallType = "tool_call";
    public const string ToolResultType = "tool_result";
    public const string ArtifactType = "artifact";

    public string? Text { get; init; }

    public string? CallId { get; init; }

    public string? Name { get; init; }

    public JsonElement? Arguments { get; init; }

    public Approval? Approval { get; init; }

    public bool? Ok { get; init; }

    public string? Code { get; init; }

    public JsonElement? Data { get; init; }

    public Guid? ArtifactId { get; init; }

    /// <summary>The type of the artifact that a tool has made.</summary>
    public string? Kind { get; init; }

    public static MessagePart OfText(string text) => new(TextType) { Text = text };

    public static MessagePart OfArtifact(Guid id) => new(ArtifactType) { ArtifactId = id };

    public static MessagePart OfCall(string callId, string name, JsonElement arguments) =>
        new(ToolCallType) { CallId = callId, Name = name, Arguments = arguments };

    /// <summary>What an approval is bound to: the tool and its very arguments.</summary>
    public string ArgumentsHash() =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Name}\n{CallId}\n{Canonical(Arguments)}")));

    // Storing it as jsonb may change the order of members and the white space.
    private static string Canonical(JsonElement? value) => value switch
    {
        null => "",
        { ValueKind: JsonValueKind.Object } document =>
            "{" + string.Join(",", document.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal)
                .Select(member => JsonSerializer.Serialize(member.Name) + ":" + Canonical(member.Value))) + "}",
        { ValueKind: JsonValueKind.Array } list => "[" + string.Join(",", list.EnumerateArray().Select(item => Canonical(item))) + "]",
        { ValueKind: JsonValueKind.String } text => JsonSerializer.Serialize(text.GetString()),
        { } scalar => scalar.GetRawText(),
    };
}

/// <summary>Whether a person lets a tool call run. Bound to the arguments that the person was shown.</summary>
internal sealed record Approval(string Status, string ArgumentsHash)
{
    public const string Pending = "pending";
    public const string Approved = "approved";
    public const string Refused = "refused";
}

/// <summary>The column that holds a message's parts.</summary>
internal static class MessageParts
{
    private static readonly JsonSerializerOptions Options = new(PlatformJson.Options)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public static IReadOnlyList<MessagePart> Read(JsonElement column) => column.Deserialize<List<MessagePart>>(Options)!;

    public static JsonElement Write(IEnumerable<MessagePart> parts) => JsonSerializer.SerializeToElement(parts, Options);

    public static JsonElement Write(MessagePart part) => JsonSerializer.SerializeToElement(part, Options);

    /// <summary>The words of a message, as its search finds them.</summary>
    public static string TextOf(IEnumerable<MessagePart> parts)
    {
        var text = string.Join('\n', parts.Where(part => part.Type == MessagePart.TextType).Select(part => part.Text));
        return text.Length <= ChatMessage.MaxContentLength ? text : text[..ChatMessage.MaxContentLength];
    }

    /// <summary>The tool calls that have no result yet, in order.</summary>
    public static IReadOnlyList<MessagePart> OpenCalls(IReadOnlyList<MessagePart> parts)
    {
        var answered = parts.Where(part => part.Type == MessagePart.ToolResultType).Select(part => part.CallId).ToHashSet();
        return parts.Where(part => part.Type == MessagePart.ToolCallType && !answered.Contains(part.CallId)).ToList();
    }
}
