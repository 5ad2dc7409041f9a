using System.Text.Json;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.SharedKernel.Infrastructure.Json;
using Platform.SharedKernel.Messages;
using Platform.Workflows.Persistence;

namespace Platform.Workflows.Engine.Store;

/// <summary>Takes executions that are due, in their owners' turns.</summary>
/// <param name="Most">The most to take.</param>
/// <param name="PerOwner">The most of an owner who has none on this node.</param>
/// <param name="Lease">How long the claim holds.</param>
/// <param name="Shares">What is left to owners who have executions on this node.</param>
internal sealed record ClaimExecutionsCommand(int Most, int PerOwner, TimeSpan Lease, IReadOnlyList<OwnerShare> Shares)
    : ICommand<IReadOnlyList<ClaimedExecution>>;

internal sealed class ClaimExecutionsHandler(WorkflowsDbContext db)
    : IRequestHandler<ClaimExecutionsCommand, IReadOnlyList<ClaimedExecution>>
{
    public async Task<IReadOnlyList<ClaimedExecution>> Handle(ClaimExecutionsCommand request, CancellationToken cancellationToken)
    {
        Guid[] owners = [.. request.Shares.Select(share => share.Owner)];
        int[] left = [.. request.Shares.Select(share => share.Left)];
        db.NextStatementStandsAlone();
        var json = await db.JsonAsync(
            $"select workflows.claim_executions({request.Most}, {request.PerOwner}, {request.Lease}, {owners}, {left})::text as \"Value\"",
            cancellationToken);
        return JsonSerializer.Deserialize<List<ClaimedExecution>>(json, PlatformJson.Options)!;
    }
}

/// <summary>Looks after executions that have run for a while.</summary>
/// <param name="Held">The executions with their claims' numbers.</param>
/// <param name="Prolong">How long the leases hold from now; null to leave them.</param>
internal sealed record TendExecutionsCommand(IReadOnlyList<(Guid Id, long Fence)> Held, TimeSpan? Prolong) : ICommand<IReadOnlyList<TendedExecution>>;

/// <summary>An execution that is still held, and what was signalled to it.</summary>
internal sealed record TendedExecution(Guid Id, IReadOnlyList<Signal>? Signals);

internal sealed class TendExecutionsHandler(WorkflowsDbContext db) : IRequestHandler<TendExecutionsCommand, IReadOnlyList<TendedExecution>>
{
    public async Task<IReadOnlyList<TendedExecution>> Handle(TendExecutionsCommand request, CancellationToken cancellationToken)
    {
        Guid[] ids = [.. request.Held.Select(held => held.Id)];
        long[] fences = [.. request.Held.Select(held => held.Fence)];
        db.NextStatementStandsAlone();
        var json = await db.JsonAsync(
            $"select workflows.tend_executions({ids}, {fences}, {request.Prolong}::interval)::text as \"Value\"", cancellationToken);
        return JsonSerializer.Deserialize<List<TendedExecution>>(json, PlatformJson.Options)!;
    }
}

/// <summary>Puts an execution that could not be worked back for a later time.</summary>
internal sealed record PutBackExecutionCommand(Guid Id, long Fence, TimeSpan Delay) : ICommand;

internal sealed class PutBackExecutionHandler(WorkflowsDbContext db) : AsyncRequestHandler<PutBackExecutionCommand>
{
    protected override Task Handle(PutBackExecutionCommand request, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"select workflows.put_back_execution({request.Id}, {request.Fence}, {request.Delay})", cancellationToken);
}
