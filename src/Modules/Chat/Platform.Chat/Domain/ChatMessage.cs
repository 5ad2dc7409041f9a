using System.Text.Json;
using Platform.SharedKernel.Errors;

namespace Platform.Chat.Domain;

/// <summary>A message of a session. An assistant's message is also the queue row of its generation.</summary>
internal sealed class ChatMessage
{
    public const int MaxContentLength = 200_000;
    public const string User = "user";
    public const string Assistant = "assistant";
    public const string Queued = "queued";
    public const string Streaming = "streaming";
    public const string Completed = "completed";
    public const string Stopped = "stopped";
    public const string Failed = "failed";

    // A message that waits for a person costs a row and nothing else; a decision makes it due again.
    private static readonly TimeSpan UntilDecided = TimeSpan.FromDays(36_500);

    private ChatMessage(
        Guid id, Guid sessionId, Guid userId, Guid? parentId, string role, string status, JsonElement parts, string content, string? model,
        DateTimeOffset createdAt, DateTimeOffset updatedAt, DateTimeOffset availableAt)
    {
        (Id, SessionId, UserId, ParentId, Role, Status) = (id, sessionId, userId, parentId, role, status);
        (Parts, Content, Model) = (parts, content, model);
        (CreatedAt, UpdatedAt, AvailableAt) = (createdAt, updatedAt, availableAt);
    }

    public Guid Id { get; private init; }

    public Guid SessionId { get; private init; }

    public Guid UserId { get; private init; }

    public Guid? ParentId { get; private init; }

    public string Role { get; private init; }

    public string Status { get; private set; }

    public JsonElement Parts { get; private set; }

    public string Content { get; private set; }

    public string? Model { get; private init; }

    public JsonElement? Usage { get; private set; }

    public string? ErrorCode { get; private set; }

    public string? Error { get; private set; }

    public DateTimeOffset? StopRequestedAt { get; private set; }

    public DateTimeOffset? StartedAt { get; private set; }

    public DateTimeOffset? CompletedAt { get; private set; }

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset UpdatedAt { get; private set; }

    public DateTimeOffset AvailableAt { get; private set; }

    public DateTimeOffset? LeaseUntil { get; private set; }

    public long Fence { get; private set; }

    public int Attempts { get; private set; }

    public bool IsRunning => Status is Queued or Streaming;

    /// <summary>The topic of the event log that tells of the message.</summary>
    public string Topic => TopicOf(Id);

    public static string TopicOf(Guid id) => $"message:{id}";

    public static ChatMessage Ask(ChatSession session, Guid? parentId, IReadOnlyList<MessagePart> parts, DateTimeOffset now) =>
        new(
            Guid.CreateVersion7(now), session.Id, session.UserId, parentId, User, Completed, MessageParts.Write(parts),
            MessageParts.TextOf(parts), null, now, now, now)
        { CompletedAt = now };

    // A millisecond later, so that the order of ids is the order of the conversation.
    public static ChatMessage Answer(ChatMessage question, string model, DateTimeOffset now) =>
        new(
            Guid.CreateVersion7(now.AddMilliseconds(1)), question.SessionId, question.UserId, question.Id, Assistant, Queued,
            MessageParts.Write([]), "", model, now, now, now);

    public IReadOnlyList<MessagePart> ReadParts() => MessageParts.Read(Parts);

    public void Start(DateTimeOffset now) => (Status, StartedAt, UpdatedAt) = (Streaming, StartedAt ?? now, now);

    /// <summary>Appends text to the last part, or as a part of its own. Answers which part it is in.</summary>
    public int AppendText(string text, bool asNewPart, DateTimeOffset now)
    {
        var parts = ReadParts().ToList();
        if (!asNewPart && parts.Count > 0 && parts[^1] is { Type: MessagePart.TextType } last)
        {
            parts[^1] = last with { Text = last.Text + text };
        }
        else
        {
            parts.Add(MessagePart.OfText(text));
        }

        Replace(parts, now);
        return parts.Count - 1;
    }

    public void Add(IEnumerable<MessagePart> parts, DateTimeOffset now) => Replace([.. ReadParts(), .. parts], now);

    public void Charge(long inputTokens, long outputTokens)
    {
        var spent = Usage?.Deserialize<TokenUsage>(TokenUsage.Json) ?? new TokenUsage(0, 0);
        Usage = JsonSerializer.SerializeToElement(
            new TokenUsage(spent.InputTokens + inputTokens, spent.OutputTokens + outputTokens), TokenUsage.Json);
    }

    /// <summary>Lets a call wait for a person. Answers whether it has only now begun to.</summary>
    public bool AwaitApproval(string callId, DateTimeOffset now)
    {
        var parts = ReadParts().ToList();
        var index = IndexOfCall(parts, callId);
        var isNew = parts[index].Approval is null;
        if (isNew)
        {
            parts[index] = parts[index] with { Approval = new Approval(Approval.Pending, parts[index].ArgumentsHash()) };
            Replace(parts, now);
        }

        AvailableAt = now + UntilDecided;
        return isNew;
    }

    /// <summary>A person's decision on a call that waits for it: the message goes on.</summary>
    public void Decide(string callId, bool approve, string? argumentsHash, DateTimeOffset now)
    {
        var parts = ReadParts().ToList();
        var index = IndexOfCall(parts, callId);
        if (!IsRunning || parts[index].Approval is not { Status: Approval.Pending } pending)
        {
            throw new ConflictException("approval_not_pending", "The call does not wait for an approval.");
        }

        if (argumentsHash is not null && argumentsHash != pending.ArgumentsHash)
        {
            throw new ConflictException("approval_stale", "The call's arguments are not those that were shown.");
        }

        parts[index] = parts[index] with { Approval = pending with { Status = approve ? Approval.Approved : Approval.Refused } };
        Replace(parts, now);
        (AvailableAt, Attempts) = (now, 0);
    }

    /// <summary>Ends it from outside. Whoever generates it holds an old fencing number from now on and writes no more.</summary>
    public void Stop(DateTimeOffset now)
    {
        (StopRequestedAt, LeaseUntil) = (now, null);
        Fence++;
        End(Stopped, now);
    }

    public void Complete(DateTimeOffset now) => End(Completed, now);

    public void Fail(string code, string reason, DateTimeOffset now)
    {
        (ErrorCode, Error) = (code, reason);
        End(Failed, now);
    }

    private static int IndexOfCall(List<MessagePart> parts, string callId)
    {
        var index = parts.FindIndex(part => part.Type == MessagePart.ToolCallType && part.CallId == callId);
        return index >= 0 ? index : throw new NotFoundException("tool_call_not_found", "The message has no such tool call.");
    }

    private void Replace(List<MessagePart> parts, DateTimeOffset now) => (Parts, UpdatedAt) = (MessageParts.Write(parts), now);

    // The words for search are written once, at the end: an index over growing text would be rewritten with every delta.
    private void End(string status, DateTimeOffset now) =>
        (Status, Content, CompletedAt, UpdatedAt) = (status, MessageParts.TextOf(ReadParts()), now, now);
}

/// <summary>What a model has read and written.</summary>
internal sealed record TokenUsage(long InputTokens, long OutputTokens)
{
    public static JsonSerializerOptions Json => SharedKernel.Infrastructure.Json.PlatformJson.Options;
}
