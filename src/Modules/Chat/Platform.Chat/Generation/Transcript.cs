using System.Text.Json;
using Microsoft.Extensions.AI;
using Platform.Chat.Domain;
using Platform.SharedKernel.Infrastructure.Json;
using AiMessage = Microsoft.Extensions.AI.ChatMessage;
using StoredMessage = Platform.Chat.Domain.ChatMessage;

namespace Platform.Chat.Generation;

/// <summary>A conversation as models read it.</summary>
internal static class Transcript
{
    public static List<AiMessage> Of(GenerationState state)
    {
        var messages = state.History.SelectMany(past => past.Role == StoredMessage.User ? [Question(past)] : Answer(past.Parts)).ToList();
        // The text of an unfinished turn is left out: the model writes the turn again.
        var finished = state.Parts is [.., { Type: MessagePart.TextType }] ? [.. state.Parts.SkipLast(1)] : state.Parts;
        messages.AddRange(Answer(finished));
        return messages;
    }

    private static AiMessage Question(PastMessage question)
    {
        List<AIContent> contents = [.. question.Parts.Select(part => new TextContent(
            part.Type == MessagePart.ArtifactType ? $"[attached artifact {part.ArtifactId}]" : part.Text))];
        return new AiMessage(ChatRole.User, contents);
    }

    // Calls and their results are messages of different roles, in the order in which they came.
    private static IEnumerable<AiMessage> Answer(IReadOnlyList<MessagePart> parts)
    {
        AiMessage? open = null;
        foreach (var part in parts)
        {
            var role = part.Type == MessagePart.ToolResultType ? ChatRole.Tool : ChatRole.Assistant;
            if (Content(part) is not { } content)
            {
                continue;
            }

            if (open?.Role != role)
            {
                if (open is not null)
                {
                    yield return open;
                }

                open = new AiMessage(role, new List<AIContent>());
            }

            open.Contents.Add(content);
        }

        if (open is not null)
        {
            yield return open;
        }
    }

    private static AIContent? Content(MessagePart part) => part.Type switch
    {
        MessagePart.TextType => new TextContent(part.Text),
        MessagePart.ToolCallType => new FunctionCallContent(
            part.CallId!, part.Name!, part.Arguments?.Deserialize<Dictionary<string, object?>>(PlatformJson.Options)),
        MessagePart.ToolResultType => new FunctionResultContent(
            part.CallId!, JsonSerializer.SerializeToElement(new { ok = part.Ok, code = part.Code, text = part.Text, data = part.Data })),
        _ => null,
    };
}
