using System.ComponentModel.DataAnnotations;

namespace Platform.Chat;

/// <summary>The settings of chat.</summary>
internal sealed class ChatOptions
{
    public const string SectionName = "Chat";

    /// <summary>How many tools a model may call for one message.</summary>
    [Range(1, 100)]
    public int MaxToolCalls { get; set; } = 16;

    /// <summary>How many messages a node generates at once.</summary>
    [Range(1, 1000)]
    public int Concurrency { get; set; } = 16;
}
