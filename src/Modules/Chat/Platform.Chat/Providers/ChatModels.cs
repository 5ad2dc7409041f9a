using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;
using Platform.SharedKernel.Infrastructure.Supabase;

namespace Platform.Chat.Providers;

/// <summary>A model that can answer.</summary>
internal sealed record ChatModel(string Id, string Name, string Provider, IChatClient Client);

/// <summary>The models that can answer: those of the Edge Function, as configured, and the built-in one.</summary>
internal sealed class ChatModels
{
    private readonly Dictionary<string, ChatModel> _models;

    public ChatModels(IOptions<ChatOptions> options, FunctionsGateway functions, TimeProvider clock)
    {
        var names = options.Value.FunctionModels.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        All =
        [
            .. names.Distinct().Where(name => name != OfflineChatClient.Id)
                .Select(name => new ChatModel(name, name, FunctionChatClient.Function, new FunctionChatClient(functions, name))),
            new ChatModel(OfflineChatClient.Id, "Offline commands", "built-in", new OfflineChatClient(clock)),
        ];
        _models = All.ToDictionary(model => model.Id);
    }

    public IReadOnlyList<ChatModel> All { get; }

    /// <summary>Taken where a message names none.</summary>
    public ChatModel Default => All[0];

    public ChatModel? Find(string id) => _models.GetValueOrDefault(id);
}
