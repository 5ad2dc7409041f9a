using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Persistence;
using Platform.SharedKernel.Messages;

namespace Platform.Dashboards.Features.Sharing;

/// <summary>The boards whose public answers a CDN is to forget, oldest first.</summary>
internal sealed record ListPurgesQuery : IQuery<IReadOnlyList<Purge>>;

/// <summary>A board to be forgotten, and when that was asked for last.</summary>
internal sealed record Purge(Guid DashboardId, DateTimeOffset RequestedAt);

internal sealed class ListPurgesHandler(DashboardsDbContext db) : IRequestHandler<ListPurgesQuery, IReadOnlyList<Purge>>
{
    public async Task<IReadOnlyList<Purge>> Handle(ListPurgesQuery request, CancellationToken cancellationToken) =>
        await db.Database.SqlQuery<Purge>(
            $"select dashboard_id, requested_at from dashboards.purges order by requested_at limit 100").ToListAsync(cancellationToken);
}

/// <summary>These were told. What was asked for again meanwhile stays.</summary>
internal sealed record EndPurgesCommand(IReadOnlyList<Purge> Purges) : ICommand;

internal sealed class EndPurgesValidator : AbstractValidator<EndPurgesCommand>
{
    public EndPurgesValidator() => RuleFor(command => command.Purges).NotEmpty();
}

internal sealed class EndPurgesHandler(DashboardsDbContext db) : AsyncRequestHandler<EndPurgesCommand>
{
    protected override async Task Handle(EndPurgesCommand request, CancellationToken cancellationToken)
    {
        Guid[] ids = [.. request.Purges.Select(purge => purge.DashboardId)];
        DateTimeOffset[] times = [.. request.Purges.Select(purge => purge.RequestedAt)];
        await db.Database.ExecuteSqlAsync(
            $"""
            delete from dashboards.purges as purge using unnest({ids}, {times}) as told(id, at)
            where purge.dashboard_id = told.id and purge.requested_at = told.at
            """,
            cancellationToken);
    }
}
