using Hangfire;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Identity.Persistence;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Identity.Features.Admin;

internal sealed class GetOverviewEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/overview", HandleAsync).WithName("GetOverview").WithSummary("Read how many people, sessions, events and jobs there are");

    private static async Task<Ok<OverviewResponse>> HandleAsync(IMediator mediator, JobStorage storage, CancellationToken cancellationToken)
    {
        var counts = await mediator.Send(new GetOverviewQuery(), cancellationToken);
        var jobs = storage.GetMonitoringApi().GetStatistics();
        return TypedResults.Ok(new OverviewResponse(
            new(counts.Users, counts.UsersNew, counts.UsersBanned, counts.Staff),
            counts.Sessions,
            counts.ApiKeys,
            counts.AuditEntries,
            new(counts.EventsQueued, counts.EventsDead),
            new(jobs.Enqueued, jobs.Processing, jobs.Scheduled, jobs.Failed, jobs.Servers)));
    }
}

internal sealed record GetOverviewQuery : IQuery<OverviewCounts>;

internal sealed record OverviewCounts(
    long Users, long UsersNew, long UsersBanned, long Staff, long Sessions, long ApiKeys, long AuditEntries, long EventsQueued, long EventsDead);

internal sealed record OverviewResponse(
    OverviewResponse.UserCounts Users, long Sessions, long ApiKeys, long AuditEntries, OverviewResponse.EventCounts Events,
    OverviewResponse.JobCounts Jobs)
{
    /// <summary>People; <c>new</c> are those of the last 24 hours.</summary>
    internal sealed record UserCounts(long Total, long New, long Banned, long Staff);

    internal sealed record EventCounts(long Queued, long Dead);

    internal sealed record JobCounts(long Enqueued, long Processing, long Scheduled, long Failed, long Servers);
}

internal sealed class GetOverviewHandler(IdentityDbContext db) : IRequestHandler<GetOverviewQuery, OverviewCounts>
{
    public async Task<OverviewCounts> Handle(GetOverviewQuery request, CancellationToken cancellationToken) =>
        (await db.Database.SqlQuery<OverviewCounts>($"select * from identity.staff_overview()").ToListAsync(cancellationToken)).Single();
}
