using System.Text.Json;
using Platform.Artifacts.Contracts.Commands;
using Platform.Artifacts.Contracts.Queries;
using Platform.Dashboards.Contracts.Commands;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Json;

namespace Platform.Chat.Tools;

internal sealed class PinArtifactTool : IChatTool
{
    public const string ToolName = "pin_artifact";

    public string Name => ToolName;

    public string Description => "Puts a chart or table artifact on a dashboard as a widget that asks its connector again.";

    public JsonElement Schema { get; } = ToolArguments.TextSchema(
        ["artifact", "dashboard"], ("artifact", "The artifact's name."), ("dashboard", "The dashboard's name."));

    public async Task<ToolOutcome> RunAsync(ToolContext context, JsonElement arguments, CancellationToken cancellationToken)
    {
        var asked = ToolArguments.Read<Arguments>(arguments);
        var artifact = await context.Mediator.Send(new FindArtifactQuery(asked.Artifact), cancellationToken)
            ?? throw new NotFoundException("artifact_not_found", $"There is no artifact named '{asked.Artifact}'.");
        var pinned = await context.Mediator.Send(ToWidget(artifact, asked.Dashboard), cancellationToken);
        return new ToolOutcome(
            $"Put '{artifact.Name}' on the dashboard '{asked.Dashboard}'.",
            JsonSerializer.SerializeToElement(pinned, PlatformJson.Options));
    }

    private static PinWidgetCommand ToWidget(ArtifactResponse artifact, string dashboard)
    {
        if (artifact.Data is not { ValueKind: JsonValueKind.Object } data
            || data.Member("connector_id") is not { ValueKind: JsonValueKind.String } connector
            || !connector.TryGetGuid(out var connectorId)
            || data.Member("query") is not { ValueKind: JsonValueKind.String } query)
        {
            throw NotPinnable();
        }

        var (type, config) = artifact.Type switch
        {
            "chart" when data.Member("type")?.GetString() is { } kind && data.Member("config") is { } stored => (kind, stored),
            "table" => ("table", JsonSerializer.SerializeToElement(new { title = artifact.Name })),
            _ => throw NotPinnable(),
        };
        var dataQuery = JsonSerializer.SerializeToElement(new { query = query.GetString(), source = "live" });
        return new PinWidgetCommand(dashboard, type, config, connectorId, dataQuery);
    }

    private static RuleViolationException NotPinnable() =>
        new("artifact_not_pinnable", "Only a chart or table that a query has made can be put on a dashboard.");

    private sealed record Arguments(string Artifact, string Dashboard);
}

internal static class JsonMembers
{
    public static JsonElement? Member(this JsonElement document, string name) =>
        document.TryGetProperty(name, out var value) ? value : null;
}
