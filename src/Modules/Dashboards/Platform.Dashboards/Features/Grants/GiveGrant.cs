using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Persistence;
using Platform.Identity.Contracts.Commands;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Dashboards.Features.Grants;

internal sealed class GiveGrantEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{id:guid}/grants", HandleAsync).WithName("GiveDashboardGrant").WithSummary("Let somebody view or edit your dashboard");

    private static async Task<Created<GrantResponse>> HandleAsync(
        Guid id, GiveGrantBody body, IMediator mediator, CancellationToken cancellationToken)
    {
        await mediator.Send(new RequireOwnDashboardQuery(id), cancellationToken);
        var grant = await mediator.Send(new GiveGrantCommand(DashboardAccess.ObjectType, id, body.Email, body.Role), cancellationToken);
        return TypedResults.Created($"/api/v1/dashboards/{id}/grants/{grant.Id}", grant);
    }
}

internal sealed record GiveGrantBody(string Email, string Role);

/// <summary>Fails unless the dashboard is the caller's own.</summary>
internal sealed record RequireOwnDashboardQuery(Guid Id) : IQuery<Guid>;

internal sealed class RequireOwnDashboardHandler(DashboardsDbContext db, DashboardAccess access) : IRequestHandler<RequireOwnDashboardQuery, Guid>
{
    public async Task<Guid> Handle(RequireOwnDashboardQuery request, CancellationToken cancellationToken)
    {
        var ownerId = await db.Dashboards.AsNoTracking()
            .Where(dashboard => dashboard.Id == request.Id)
            .Select(dashboard => (Guid?)dashboard.UserId)
            .SingleOrDefaultAsync(cancellationToken)
            ?? throw new NotFoundException("dashboard_not_found", "There is no such dashboard.");
        access.RequireOwner(ownerId);
        return ownerId;
    }
}
