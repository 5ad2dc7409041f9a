using System.Text.Json;
using System.Text.Json.Nodes;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Platform.Connectors.Contracts.Commands;
using Platform.Connectors.Contracts.Queries;
using Platform.SharedKernel.Infrastructure.Json;

namespace Platform.Workflows.Steps;

/// <summary>
/// Syncs a connector of the workflow's owner, and waits for the sync's end. It is told of the end; from time to time it looks for itself, so
/// that one that was stopped, or whose end came too soon, is not waited for in vain.
/// </summary>
internal sealed class ConnectorSyncStep : IWaitingStepType
{
    private static readonly TimeSpan FirstLook = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan NextLook = TimeSpan.FromSeconds(15);

    public string Type => "connector_sync";

    public string Title => "Sync a connector";

    public bool IsPure => false;

    public IReadOnlyList<StepMember> Members { get; } =
    [
        new("connector_id", "string", "The connector.", IsRequired: true),
        new("streams", "array", "The names of the streams to read; all if left out."),
    ];

    public JsonObject Example => new() { ["connector_id"] = "{{ vars.connector_id }}", ["streams"] = new JsonArray("orders") };

    public async Task<StepResult> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        var mediator = context.Services.GetRequiredService<IMediator>();
        if (SignalNames.TrySync(context.WaitedFor, out var syncId))
        {
            return ResultOf(await mediator.Send(new GetConnectorSyncQuery(syncId), cancellationToken), NextLook, context.Run.Now);
        }

        if (!Guid.TryParse(context.Text("connector_id"), out var connectorId))
        {
            return new StepResult.Failed("step_input_invalid", "connector_id is not the id of a connector.");
        }

        if (!TryStreams(context, out var streams))
        {
            return new StepResult.Failed("step_input_invalid", "streams is a list of names.");
        }

        // Cut off before the wait was committed, the step is done again: the sync that it started is the one to wait for.
        var command = new StartConnectorSyncCommand(connectorId, streams, "workflow", context.IdempotencyId);
        return ResultOf(await mediator.Send(command, cancellationToken), FirstLook, context.Run.Now);
    }

    public StepResult Resume(StepContext context, WakeUp wake) => new StepResult.Again();

    private static StepResult ResultOf(ConnectorSync sync, TimeSpan look, DateTimeOffset now)
    {
        switch (sync.Status)
        {
            case "succeeded":
                return new StepResult.Completed(JsonSerializer.SerializeToNode(sync, PlatformJson.Options));
            case "failed":
                return new StepResult.Failed(sync.ErrorCode ?? "sync_failed", sync.Error ?? "The sync failed.", IsRetryable: true);
            case "cancelled":
                return new StepResult.Failed("sync_cancelled", "Somebody stopped the sync.");
            default:
                return new StepResult.Waiting(now + look, SignalNames.OfSync(sync.Id));
        }
    }

    private static bool TryStreams(StepContext context, out IReadOnlyList<string>? streams)
    {
        streams = null;
        if (context.With["streams"] is not { } given)
        {
            return true;
        }

        if (given is not JsonArray names || names.Any(name => name?.GetValueKind() != JsonValueKind.String))
        {
            return false;
        }

        streams = [.. names.Select(name => name!.GetValue<string>())];
        return true;
    }
}
