using System.Text.Json;
using Platform.Connectors.Contracts.Queries;
using Platform.SharedKernel.Infrastructure.Json;

namespace Platform.Chat.Tools;

internal sealed class ListConnectorsTool : IChatTool
{
    public const string ToolName = "list_connectors";
    private static readonly string[] Columns = ["name", "type", "status"];

    public string Name => ToolName;

    public string Description => "Lists the person's connectors: databases, APIs and files that can be queried.";

    public JsonElement Schema { get; } = ToolArguments.TextSchema([]);

    public async Task<ToolOutcome> RunAsync(ToolContext context, JsonElement arguments, CancellationToken cancellationToken)
    {
        ToolArguments.Read<None>(arguments);
        var connectors = await context.Mediator.Send(new ListConnectorNamesQuery(), cancellationToken);
        var text = connectors.Count == 0
            ? "You have no connectors yet."
            : MarkdownTable.Of(Columns, connectors.Select(connector => (string[])[connector.Name, connector.Type, connector.Status]));
        return new ToolOutcome(text, JsonSerializer.SerializeToElement(new { connectors }, PlatformJson.Options));
    }

    private sealed record None;
}
