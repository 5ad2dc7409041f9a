using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.SharedKernel.Messages;
using Platform.Workflows.Domain;
using Platform.Workflows.Persistence;

namespace Platform.Workflows.Firing;

/// <summary>What is due: triggers whose time has come, and events that were kept for triggers.</summary>
internal sealed record ListDueFiringsQuery(DateTimeOffset Now) : IQuery<DueFirings>;

/// <param name="Crons">Ids of cron triggers.</param>
/// <param name="Events">Ids of firings.</param>
internal sealed record DueFirings(IReadOnlyList<Guid> Crons, IReadOnlyList<Guid> Events)
{
    public static DueFirings None { get; } = new([], []);
}

internal sealed class ListDueFiringsHandler(WorkflowsDbContext db) : IRequestHandler<ListDueFiringsQuery, DueFirings>
{
    private const int Most = 200;

    public async Task<DueFirings> Handle(ListDueFiringsQuery request, CancellationToken cancellationToken)
    {
        var crons = await db.Triggers.AsNoTracking()
            .Where(trigger => trigger.Status == Trigger.Active && trigger.Type == Trigger.Cron && trigger.NextFireAt <= request.Now)
            .OrderBy(trigger => trigger.NextFireAt).ThenBy(trigger => trigger.Id)
            .Take(Most).Select(trigger => trigger.Id).ToListAsync(cancellationToken);
        var events = await db.TriggerFirings.AsNoTracking()
            .OrderBy(firing => firing.OccurredAt).ThenBy(firing => firing.Id)
            .Take(Most).Select(firing => firing.Id).ToListAsync(cancellationToken);
        return new DueFirings(crons, events);
    }
}
