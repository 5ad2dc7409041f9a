using System.Text.Json;
using Platform.Artifacts.Contracts.Commands;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Json;

namespace Platform.Chat.Tools;

internal sealed class CreateChartTool : IChatTool
{
    public const string ToolName = "create_chart";
    private const string Pie = "pie";
    private static readonly string[] Types = ["line", "bar", "area", "scatter", Pie];

    public string Name => ToolName;

    public string Description => "Makes a chart of the last query result in this session.";

    public JsonElement Schema { get; } = ToolArguments.TextSchema(
        ["type", "x", "y"],
        ("type", $"One of {string.Join(", ", Types)}."),
        ("x", "The column along the axis, or of the labels."),
        ("y", "The column of the values."),
        ("title", "The chart's title."));

    public async Task<ToolOutcome> RunAsync(ToolContext context, JsonElement arguments, CancellationToken cancellationToken)
    {
        var asked = ToolArguments.Read<Arguments>(arguments);
        RuleViolationException.ThrowIf(
            !Types.Contains(asked.Type), "chart_type_unknown", $"A chart is one of {string.Join(", ", Types)}.");
        var table = TableData.Last(context);
        var (x, y) = (table.RequireColumn(asked.X), table.RequireColumn(asked.Y));
        var title = string.IsNullOrWhiteSpace(asked.Title) ? $"{y} by {x}" : asked.Title.Trim();
        object config = asked.Type == Pie ? new { label = x, value = y, title } : new { x, y, title };
        var data = JsonSerializer.SerializeToElement(
            new { type = asked.Type, config, columns = table.Columns, rows = table.Rows, table.ConnectorId, table.Query },
            PlatformJson.Options);
        var artifact = await context.Mediator.Send(
            new CreateArtifactCommand(
                "chart", title, data, context.SessionId, new ArtifactSource("message", context.MessageId, context.CallId)),
            cancellationToken);
        return new ToolOutcome(
            $"Made the {asked.Type} chart '{artifact.Name}'.", Artifact: new MadeArtifact(artifact.Id, artifact.Type, artifact.Name));
    }

    private sealed record Arguments(string Type, string X, string Y, string? Title = null);
}
