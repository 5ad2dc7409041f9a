using System.Text.Json;
using MediatR;
using Platform.SharedKernel.Infrastructure.Json;
using Platform.SharedKernel.Messages;
using Platform.Workflows.Engine;
using Platform.Workflows.Persistence;

namespace Platform.Workflows.Hooks;

/// <summary>A call of a webhook that is to become an execution; <c>Claim</c> says whether it is inserted as held by this node.</summary>
internal sealed record HookCall(
    Guid Id, Guid TriggerId, Guid WorkflowId, Guid UserId, DateTimeOffset TriggerUpdatedAt, int Version, string? DedupeKey, RawJson Input,
    bool Claim, string? ConcurrencyKey, int? ConcurrencyLimit, DateTimeOffset CreatedAt);

/// <summary>What became of a call: accepted, accepted before under the same key, or stale where the trigger or the workflow has changed.</summary>
internal sealed record AcceptedCall(string Outcome, Guid? Id, string? Status, DateTimeOffset? CreatedAt)
{
    public const string Accepted = "accepted";
    public const string Duplicate = "duplicate";
}

/// <summary>Inserts executions for calls, in one transaction. Answers in their order.</summary>
internal sealed record AcceptHookCallsCommand(IReadOnlyList<HookCall> Calls, TimeSpan Lease) : ICommand<IReadOnlyList<AcceptedCall>>;

internal sealed class AcceptHookCallsHandler(WorkflowsDbContext db) : IRequestHandler<AcceptHookCallsCommand, IReadOnlyList<AcceptedCall>>
{
    public async Task<IReadOnlyList<AcceptedCall>> Handle(AcceptHookCallsCommand request, CancellationToken cancellationToken)
    {
        var calls = JsonSerializer.Serialize(request.Calls, PlatformJson.Options);
        db.NextStatementStandsAlone();
        var json = await db.JsonAsync(
            $"select workflows.accept_hook_calls({calls}::jsonb, {request.Lease})::text as \"Value\"", cancellationToken);
        return JsonSerializer.Deserialize<List<AcceptedCall>>(json, PlatformJson.Options)!;
    }
}
