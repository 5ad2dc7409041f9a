using MediatR;
using Platform.Dashboards.Domain;
using Platform.Identity.Contracts.Queries;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Errors;

namespace Platform.Dashboards.Features.Grants;

/// <summary>
/// Says in words what row-level security would refuse: the caller sees the dashboard, so they may know why they cannot change it.
/// For the owner it asks nobody.
/// </summary>
internal sealed class DashboardAccess(ICurrentCaller caller, IMediator mediator)
{
    public const string ObjectType = "dashboard";

    public void RequireOwner(Guid ownerId)
    {
        if (ownerId != caller.UserId)
        {
            throw new ForbiddenException("dashboard_not_yours", "Its owner alone may do this.");
        }
    }

    /// <summary>Requires that the caller may change a widget, and choose its connector: widgets show the owner's connectors alone.</summary>
    public Task RequireEditAsync(Dashboard dashboard, Guid? connectorId, CancellationToken cancellationToken)
    {
        if (connectorId is not null)
        {
            RequireOwner(dashboard.UserId);
        }

        return RequireEditAsync(dashboard, cancellationToken);
    }

    public async Task RequireEditAsync(Dashboard dashboard, CancellationToken cancellationToken)
    {
        if (dashboard.UserId != caller.UserId)
        {
            var held = await mediator.Send(new ListHeldGrantsQuery(ObjectType, dashboard.Id), cancellationToken);
            if (!held.Any(grant => grant.OwnerId == dashboard.UserId && grant.Role == "edit"))
            {
                throw new ForbiddenException("dashboard_view_only", "You may view this dashboard, not change it.");
            }
        }
    }
}
