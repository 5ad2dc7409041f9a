using Microsoft.Extensions.AI;

namespace Platform.Chat.Providers;

/// <summary>A model that can answer.</summary>
internal sealed record ChatModel(string Id, string Name, string Provider, IChatClient Client);

/// <summary>The models that are registered; the first is taken where a message names none.</summary>
internal sealed class ChatModels(IEnumerable<ChatModel> models)
{
    private readonly Dictionary<string, ChatModel> _models = models.ToDictionary(model => model.Id);

    public IReadOnlyList<ChatModel> All { get; } = [.. models];

    public ChatModel Default => All[0];

    public ChatModel? Find(string id) => _models.GetValueOrDefault(id);
}
