using System.Text.Json;

namespace Platform.Chat.Domain;

/// <summary>A conversation: a tree of messages, of which one branch is active.</summary>
internal sealed class ChatSession
{
    public const int MaxTitleLength = 200;
    private const int DerivedTitleLength = 80;

    private ChatSession(
        Guid id, Guid userId, string title, JsonElement messages, JsonElement context, Guid? activeMessageId,
        DateTimeOffset createdAt, DateTimeOffset updatedAt) =>
        (Id, UserId, Title, Messages, Context, ActiveMessageId, CreatedAt, UpdatedAt) =
        (id, userId, title, messages, context, activeMessageId, createdAt, updatedAt);

    public Guid Id { get; private init; }

    public Guid UserId { get; private init; }

    public string Title { get; private set; }

    /// <summary>The end of the active branch, for those who want a session in one read. The rows of the messages are the truth.</summary>
    public JsonElement Messages { get; private set; }

    public JsonElement Context { get; private set; }

    public Guid? ActiveMessageId { get; private set; }

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset UpdatedAt { get; private set; }

    public static ChatSession Create(Guid userId, string title, JsonElement context, DateTimeOffset now) =>
        new(Guid.CreateVersion7(now), userId, title.Trim(), BranchProjection.Empty, context, null, now, now);

    public void Rename(string title, DateTimeOffset now) => (Title, UpdatedAt) = (title.Trim(), now);

    public void SetContext(JsonElement context, DateTimeOffset now) => (Context, UpdatedAt) = (context, now);

    /// <summary>
    /// Makes a question and its answer the end of the active branch; the branch is what stands before the question, where that is not
    /// the one that was active.
    /// </summary>
    public void Continue(ChatMessage question, ChatMessage answer, IEnumerable<ChatMessage>? branch, DateTimeOffset now)
    {
        if (Title.Length == 0)
        {
            Title = Shorten(question.Content);
        }

        var before = branch is null ? Messages : BranchProjection.Append(BranchProjection.Empty, branch);
        Messages = BranchProjection.Append(before, [question, answer]);
        (ActiveMessageId, UpdatedAt) = (answer.Id, now);
    }

    /// <summary>Shows an answer as it has become, if it is on the active branch.</summary>
    public void Show(ChatMessage answer, DateTimeOffset now)
    {
        Messages = BranchProjection.Replace(Messages, answer);
        UpdatedAt = now;
    }

    private static string Shorten(string content)
    {
        var line = content.Trim().Split('\n')[0].TrimEnd();
        if (line.Length <= DerivedTitleLength)
        {
            return line;
        }

        var end = char.IsHighSurrogate(line[DerivedTitleLength - 2]) ? DerivedTitleLength - 2 : DerivedTitleLength - 1;
        return $"{line[..end]}…";
    }
}
