using System.Text.Json;
using Platform.Artifacts.Contracts.Commands;
using Platform.SharedKernel.Infrastructure.Json;

namespace Platform.Chat.Tools;

internal sealed class SaveTableTool : IChatTool
{
    public const string ToolName = "save_table";

    public string Name => ToolName;

    public string Description => "Keeps the last query result in this session as a table artifact.";

    public JsonElement Schema { get; } = ToolArguments.TextSchema(["name"], ("name", "The artifact's name."));

    public async Task<ToolOutcome> RunAsync(ToolContext context, JsonElement arguments, CancellationToken cancellationToken)
    {
        var asked = ToolArguments.Read<Arguments>(arguments);
        var table = TableData.Last(context);
        var artifact = await context.Mediator.Send(
            new CreateArtifactCommand(
                "table", asked.Name, JsonSerializer.SerializeToElement(table, PlatformJson.Options), context.SessionId,
                new ArtifactSource("message", context.MessageId, context.CallId)),
            cancellationToken);
        return new ToolOutcome(
            $"Kept {table.Rows.GetArrayLength()} rows as '{artifact.Name}'.",
            Artifact: new MadeArtifact(artifact.Id, artifact.Type, artifact.Name));
    }

    private sealed record Arguments(string Name);
}
