using System.Text.Json;
using Platform.SharedKernel.Infrastructure.Json;

namespace Platform.Chat.Domain;

/// <summary>The last messages of a branch in a bounded number of bytes: results are left out and long texts cut.</summary>
internal static class BranchProjection
{
    public const int MaxMessages = 50;
    private const int MaxBytes = 96 * 1024;

    // Together these keep a single message well below the bound, so that the newest is always there.
    private const int MaxTextLength = 2000;
    private const int MaxArgumentsLength = 1000;
    private const int MaxParts = 8;

    public static JsonElement Empty { get; } = JsonSerializer.SerializeToElement(Array.Empty<object>());

    public static JsonElement Append(JsonElement messages, IEnumerable<ChatMessage> added) =>
        Bound([.. messages.EnumerateArray(), .. added.Select(Entry)]);

    public static JsonElement Replace(JsonElement messages, ChatMessage changed) =>
        Bound([.. messages.EnumerateArray().Select(entry => entry.GetProperty("id").GetGuid() == changed.Id ? Entry(changed) : entry)]);

    // The newest are kept.
    private static JsonElement Bound(List<JsonElement> entries)
    {
        var bytes = 0;
        var kept = entries.AsEnumerable().Reverse().Take(MaxMessages)
            .TakeWhile(entry => (bytes += System.Text.Encoding.UTF8.GetByteCount(entry.GetRawText())) <= MaxBytes)
            .Reverse().ToList();
        return JsonSerializer.SerializeToElement(kept, PlatformJson.Options);
    }

    private static JsonElement Entry(ChatMessage message) => JsonSerializer.SerializeToElement(
        new Projected(
            message.Id, message.ParentId, message.Role, message.Status,
            MessageParts.Write(message.ReadParts().TakeLast(MaxParts).Select(Shorten)), message.Model, message.CreatedAt),
        PlatformJson.Options);

    private static MessagePart Shorten(MessagePart part) => part with
    {
        Text = Cut(part.Text),
        Data = null,
        Arguments = part.Arguments is { } arguments && arguments.GetRawText().Length <= MaxArgumentsLength ? arguments : null,
    };

    private static string? Cut(string? text) =>
        text is { Length: > MaxTextLength }
            ? text[..(char.IsHighSurrogate(text[MaxTextLength - 1]) ? MaxTextLength - 1 : MaxTextLength)]
            : text;

    private sealed record Projected(
        Guid Id, Guid? ParentId, string Role, string Status, JsonElement Parts, string? Model, DateTimeOffset CreatedAt);
}
