using System.Text.Json;
using MediatR;
using Microsoft.Extensions.AI;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Json;

namespace Platform.Chat.Tools;

/// <summary>What a model can do for a person: it sends messages of other modules as that person, so it can do just what they can.</summary>
internal interface IChatTool
{
    string Name { get; }

    /// <summary>What it does, for the model.</summary>
    string Description { get; }

    /// <summary>The JSON Schema of its arguments.</summary>
    JsonElement Schema { get; }

    /// <summary>Whether a person must approve each call: what it does cannot be taken back, or reaches the outside.</summary>
    bool NeedsApproval => false;

    /// <summary>Does it. What is refused is thrown as a <see cref="PlatformException"/> and told to the model.</summary>
    Task<ToolOutcome> RunAsync(ToolContext context, JsonElement arguments, CancellationToken cancellationToken);
}

/// <summary>What a tool may know of the message that it works for, with the data of the last query result in the session.</summary>
internal sealed record ToolContext(IMediator Mediator, Guid SessionId, Guid MessageId, string CallId, JsonElement? LastResult);

/// <summary>What a tool has done: in words, as data, and perhaps as an artifact.</summary>
internal sealed record ToolOutcome(string Text, JsonElement? Data = null, MadeArtifact? Artifact = null);

internal sealed record MadeArtifact(Guid Id, string Type, string Name);

/// <summary>The tools that are registered.</summary>
internal sealed class ChatTools(IEnumerable<IChatTool> tools)
{
    private readonly Dictionary<string, IChatTool> _tools = tools.ToDictionary(tool => tool.Name);

    public IEnumerable<IChatTool> All => _tools.Values.OrderBy(tool => tool.Name, StringComparer.Ordinal);

    /// <summary>The tools as a model is told of them.</summary>
    public IReadOnlyList<AITool> Declarations { get; } =
        [.. tools.Select(tool => AIFunctionFactory.CreateDeclaration(tool.Name, tool.Description, tool.Schema))];

    public IChatTool? Find(string name) => _tools.GetValueOrDefault(name);
}

/// <summary>Arguments as a model writes them: nothing about them is certain.</summary>
internal static class ToolArguments
{
    /// <summary>A schema of members that are all text.</summary>
    public static JsonElement TextSchema(string[] required, params (string Name, string Description)[] members) =>
        JsonSerializer.SerializeToElement(new
        {
            type = "object",
            properties = members.ToDictionary(member => member.Name, member => new { type = "string", description = member.Description }),
            required,
            additionalProperties = false,
        });

    public static T Read<T>(JsonElement arguments)
    {
        try
        {
            return arguments.Deserialize<T>(PlatformJson.Options)!;
        }
        catch (JsonException)
        {
            throw new RuleViolationException("tool_arguments_invalid", "The arguments do not fit the tool's schema.");
        }
    }
}
