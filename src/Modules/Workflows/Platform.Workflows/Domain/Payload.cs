using System.Text.Json;

namespace Platform.Workflows.Domain;

/// <summary>What a step took or gave, or what an execution came to, where it is more than 64 KiB: the row that has it names it.</summary>
internal sealed class Payload
{
    private Payload(Guid id, JsonElement content) => (Id, Content) = (id, content);

    public Guid Id { get; private init; }

    public JsonElement Content { get; private init; }
}
