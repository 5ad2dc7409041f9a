using System.Text.Json;
using System.Text.Json.Nodes;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Platform.Connectors.Contracts.Queries;
using Platform.SharedKernel.Infrastructure.Json;

namespace Platform.Workflows.Steps;

/// <summary>Runs a read-only query on a connector of the workflow's owner.</summary>
internal sealed class ConnectorQueryStep : IStepType
{
    public string Type => "connector_query";

    public string Title => "Query a connector";

    public bool IsPure => false;

    public bool OnlyReads(StepContext context) => true;

    public IReadOnlyList<StepMember> Members { get; } =
    [
        new("connector_id", "string", "The connector.", IsRequired: true),
        new("query", "string", "The query in the connector's own language.", IsRequired: true),
        new("parameters", "object", "Named values, bound, never spliced."),
        new("limit", "integer", "The most rows."),
        new("source", "string", "live or dataset."),
    ];

    public JsonObject Example => new()
    {
        ["connector_id"] = "{{ input.connector_id }}",
        ["query"] = "select city, sum(amount) as amount from sales where day >= $since group by city",
        ["parameters"] = new JsonObject { ["since"] = "{{ input.since }}" },
    };

    public async Task<StepResult> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(context.Text("connector_id"), out var connectorId))
        {
            return new StepResult.Failed("step_input_invalid", "connector_id is not the id of a connector.");
        }

        var parameters = context.With["parameters"] is { } given ? JsonSerializer.SerializeToElement(given) : (JsonElement?)null;
        var limit = context.With["limit"] is JsonValue number && number.TryGetValue<int>(out var rows) ? rows : (int?)null;
        var result = await context.Services.GetRequiredService<IMediator>().Send(
            new RunConnectorQuery(connectorId, context.Text("query") ?? "", parameters, limit, Source: context.Text("source") ?? "live"),
            cancellationToken);
        return new StepResult.Completed(JsonSerializer.SerializeToNode(result, PlatformJson.Options));
    }
}
