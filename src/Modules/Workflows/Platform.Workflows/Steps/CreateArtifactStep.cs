using System.Text.Json;
using System.Text.Json.Nodes;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Platform.Artifacts.Contracts.Commands;
using Platform.SharedKernel.Infrastructure.Json;

namespace Platform.Workflows.Steps;

/// <summary>Keeps a value as an artifact; once, however often the step is tried.</summary>
internal sealed class CreateArtifactStep : IStepType
{
    public string Type => "create_artifact";

    public string Title => "Create an artifact";

    public bool IsPure => false;

    public IReadOnlyList<StepMember> Members { get; } =
    [
        new("type", "string", "table, chart, document, code, image, file or query.", IsRequired: true),
        new("name", "string", "A name for people.", IsRequired: true),
        new("data", "object", "The content in the shape of its type.", IsRequired: true),
    ];

    public JsonObject Example => new()
    {
        ["type"] = "table",
        ["name"] = "Sales of {{ input.since }}",
        ["data"] = new JsonObject { ["columns"] = "{{ steps.load.output.columns }}", ["rows"] = "{{ steps.load.output.rows }}" },
    };

    public async Task<StepResult> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        var artifact = await context.Services.GetRequiredService<IMediator>().Send(
            new CreateArtifactCommand(
                context.Text("type") ?? "",
                context.Text("name") ?? "",
                JsonSerializer.SerializeToElement(context.With["data"]),
                Source: new ArtifactSource("execution", context.ExecutionId, context.IdempotencyKey)),
            cancellationToken);
        var output = JsonSerializer.SerializeToNode(artifact, PlatformJson.Options)!.AsObject();
        // The content is in the artifact already; a second copy in every later step's scope would only cost.
        output.Remove("data");
        return new StepResult.Completed(output);
    }
}
