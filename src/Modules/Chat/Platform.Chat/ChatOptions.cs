using System.ComponentModel.DataAnnotations;

namespace Platform.Chat;

/// <summary>The settings of chat.</summary>
internal sealed class ChatOptions
{
    public const string SectionName = "Chat";

    /// <summary>
    /// The models that the Edge Function <c>ai-chat</c> is asked for, separated by commas. The first answers where a message names none;
    /// the offline model stays beside them.
    /// </summary>
    public string FunctionModels { get; set; } = "";

    /// <summary>How many tools a model may call for one message.</summary>
    [Range(1, 100)]
    public int MaxToolCalls { get; set; } = 16;

    /// <summary>How many messages a node generates at once.</summary>
    [Range(1, 1000)]
    public int Concurrency { get; set; } = 16;
}
