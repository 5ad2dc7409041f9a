using System.Text.Json;
using System.Text.Json.Nodes;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Platform.Chat.Contracts.Queries;

namespace Platform.Workflows.Steps;

/// <summary>Asks a model; with a schema, for a value that fits it. What it says is data: nothing of it is run.</summary>
internal sealed class AiPromptStep : IStepType
{
    public string Type => "ai_prompt";

    public string Title => "Ask a model";

    public bool IsPure => false;

    public IReadOnlyList<StepMember> Members { get; } =
    [
        new("prompt", "string", "The question.", IsRequired: true),
        new("system", "string", "What the model is told before it."),
        new("model", "string", "The id of a model; the default one if left out."),
        new("schema", "object", "A JSON Schema that the answer fits; its value is then in the output."),
    ];

    public JsonObject Example => new()
    {
        ["prompt"] = "Is this complaint urgent? {{ input.text }}",
        ["schema"] = new JsonObject
        {
            ["type"] = "object",
            ["required"] = new JsonArray("urgent"),
            ["properties"] = new JsonObject { ["urgent"] = new JsonObject { ["type"] = "boolean" } },
        },
    };

    public async Task<StepResult> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        var schema = context.With["schema"] is { } given ? JsonSerializer.SerializeToElement(given) : (JsonElement?)null;
        var answer = await context.Services.GetRequiredService<IMediator>().Send(
            new AskModelQuery(context.Text("prompt") ?? "", context.Text("system"), context.Text("model"), schema), cancellationToken);
        return new StepResult.Completed(new JsonObject
        {
            ["model"] = answer.Model,
            ["text"] = answer.Text,
            ["value"] = answer.Value is { } value ? JsonSerializer.SerializeToNode(value) : null,
        });
    }
}
