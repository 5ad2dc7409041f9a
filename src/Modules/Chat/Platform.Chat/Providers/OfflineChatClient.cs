using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;
using AiOptions = Microsoft.Extensions.AI.ChatOptions;

namespace Platform.Chat.Providers;

/// <summary>
/// The built-in model: no key, no network, the same answer to the same question. It reads a line as a command, calls the tool that the
/// command means, and shows the tool's result. It says of every answer that it comes from here.
/// </summary>
internal sealed class OfflineChatClient(TimeProvider clock) : IChatClient
{
    public const string Id = "offline";
    private const string Signature = "\n\n_Answered by the built-in offline model._";
    private const int DeltaLength = 96;

    // Clients that are built against this model meet a stream, as with any other.
    private static readonly TimeSpan DeltaPause = TimeSpan.FromMilliseconds(20);

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, AiOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        AiOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var conversation = messages.ToList();
        var reply = options?.Tools is null or { Count: 0 } ? Answer(conversation[^1].Text, options?.ResponseFormat) : Reply(conversation[^1]);
        if (reply.Tool is { } tool)
        {
            // The number of messages makes the id the same for the same turn, and another one for the next.
            var call = new FunctionCallContent($"call_{conversation.Count}", tool, reply.Arguments!.ToDictionary());
            yield return new ChatResponseUpdate(ChatRole.Assistant, [call]);
        }
        else
        {
            foreach (var delta in Deltas(options?.ResponseFormat is ChatResponseFormatJson ? reply.Text! : reply.Text + Signature))
            {
                yield return new ChatResponseUpdate(ChatRole.Assistant, delta);
                await Task.Delay(DeltaPause, clock, cancellationToken);
            }
        }

        yield return new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(Usage(conversation[^1], reply))]);
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }

    // Without tools it is no conversation: a program asks.
    private static OfflineReply Answer(string prompt, ChatResponseFormat? format) => new(
        format is ChatResponseFormatJson json
            ? OfflinePrompt.Value(prompt, json.Schema ?? default)
            : OfflinePrompt.Digest(prompt));

    private static OfflineReply Reply(ChatMessage last)
    {
        var results = last.Contents.OfType<FunctionResultContent>().ToList();
        return results.Count == 0
            ? OfflineGrammar.Read(last.Contents.OfType<TextContent>().FirstOrDefault()?.Text ?? "")
            : new OfflineReply(string.Join("\n\n", results.Select(TextOf)));
    }

    private static string TextOf(FunctionResultContent result) =>
        result.Result is JsonElement document && document.TryGetProperty("text", out var text) ? text.GetString() ?? "" : "";

    private static IEnumerable<string> Deltas(string text)
    {
        for (var start = 0; start < text.Length;)
        {
            var end = Math.Min(start + DeltaLength, text.Length);
            if (end < text.Length && char.IsHighSurrogate(text[end - 1]))
            {
                end++;
            }

            yield return text[start..end];
            start = end;
        }
    }

    // It has no tokens of its own: words are counted.
    private static UsageDetails Usage(ChatMessage question, OfflineReply reply) => new()
    {
        InputTokenCount = CountWords(question.Text),
        OutputTokenCount = CountWords(reply.Text ?? ""),
    };

    private static int CountWords(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;
}
