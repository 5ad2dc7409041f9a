using System.Text;
using System.Text.Json;
using MediatR;
using Microsoft.Extensions.AI;
using Platform.Chat.Domain;
using Platform.Chat.Tools;
using Platform.SharedKernel.Infrastructure.Jobs;
using Platform.SharedKernel.Infrastructure.Json;
using AiOptions = Microsoft.Extensions.AI.ChatOptions;

namespace Platform.Chat.Generation;

/// <summary>What a model has ended a turn with.</summary>
internal sealed record Turn(IReadOnlyList<MessagePart> Calls, TokenUsage Usage);

/// <summary>Asks a model once and stores its words as they come, a batch at a time.</summary>
internal sealed class TurnReader(IMediator mediator, ChatTools tools, TimeProvider clock)
{
    private const int MaxArgumentsLength = 64 * 1024;
    private static readonly TimeSpan BatchTime = TimeSpan.FromMilliseconds(50);

    /// <summary>Reads one turn to its end. Answers null when the claim is lost.</summary>
    public async Task<Turn?> ReadAsync(PumpLease lease, IChatClient client, GenerationState state, CancellationToken cancellationToken)
    {
        var calls = new List<MessagePart>();
        var usage = new UsageDetails();
        var resumed = ResumedText.Of(state.Parts);
        var buffer = new StringBuilder();
        var flushed = long.MinValue;
        var length = 0;
        await foreach (var update in client.GetStreamingResponseAsync(
            Transcript.Of(state), new AiOptions { ModelId = state.Model, Tools = [.. tools.Declarations] }, cancellationToken))
        {
            var before = buffer.Length;
            Collect(update, buffer, calls, usage);
            length += buffer.Length - before;
            if (length > Domain.ChatMessage.MaxContentLength)
            {
                break;
            }

            if (buffer.Length > 0 && (flushed == long.MinValue || clock.GetElapsedTime(flushed) >= BatchTime))
            {
                flushed = clock.GetTimestamp();
                if (!await FlushAsync(lease, resumed, buffer, isLast: false, cancellationToken))
                {
                    return null;
                }
            }
        }

        return await FlushAsync(lease, resumed, buffer, isLast: true, cancellationToken)
            ? new Turn(calls, new TokenUsage(usage.InputTokenCount ?? 0, usage.OutputTokenCount ?? 0))
            : null;
    }

    private static void Collect(ChatResponseUpdate update, StringBuilder buffer, List<MessagePart> calls, UsageDetails usage)
    {
        foreach (var content in update.Contents)
        {
            switch (content)
            {
                case TextContent text:
                    // PostgreSQL stores no zero character.
                    buffer.Append(text.Text.Replace("\0", "", StringComparison.Ordinal));
                    break;
                case FunctionCallContent call:
                    calls.Add(MessagePart.OfCall(call.CallId, call.Name, Arguments(call)));
                    break;
                case UsageContent spent:
                    usage.Add(spent.Details);
                    break;
            }
        }
    }

    private static JsonElement Arguments(FunctionCallContent call)
    {
        var arguments = JsonSerializer.SerializeToElement(call.Arguments ?? new Dictionary<string, object?>(), PlatformJson.Options);
        // Nothing fits a tool's schema that is as large as this; the tool refuses it in words that the model can read.
        return arguments.GetRawText().Length <= MaxArgumentsLength && StorableJson.Document(arguments) is { } storable
            ? storable
            : JsonSerializer.SerializeToElement(new { arguments_too_large = true });
    }

    private async Task<bool> FlushAsync(
        PumpLease lease, ResumedText resumed, StringBuilder buffer, bool isLast, CancellationToken cancellationToken)
    {
        // A pair of surrogates that is split over two batches would be stored as two faults.
        var take = !isLast && buffer.Length > 0 && char.IsHighSurrogate(buffer[^1]) ? buffer.Length - 1 : buffer.Length;
        var (text, asNewPart) = resumed.Take(buffer.ToString(0, take));
        buffer.Remove(0, take);
        return text.Length == 0
            || await mediator.Send(new AppendTextCommand(lease.Id, lease.Fence, text, asNewPart), cancellationToken) is not null;
    }
}

/// <summary>
/// The text of a turn that a crash has cut off. The turn is asked for again: as long as the model repeats itself nothing is stored twice,
/// and where it says something else, that becomes a part of its own.
/// </summary>
internal sealed class ResumedText(string stored)
{
    private int _matched;
    private bool _diverged;

    public static ResumedText Of(IReadOnlyList<MessagePart> parts) =>
        new(parts is [.., { Type: MessagePart.TextType } last] ? last.Text! : "");

    /// <summary>What of a text is new, and whether it begins a new part.</summary>
    public (string Text, bool AsNewPart) Take(string text)
    {
        if (_diverged || _matched == stored.Length)
        {
            return (text, false);
        }

        var length = Math.Min(text.Length, stored.Length - _matched);
        if (string.CompareOrdinal(stored, _matched, text, 0, length) == 0)
        {
            _matched += length;
            return (text[length..], false);
        }

        _diverged = true;
        return (stored[.._matched] + text, true);
    }
}
