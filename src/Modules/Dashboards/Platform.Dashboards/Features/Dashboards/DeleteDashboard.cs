using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Contracts.Events;
using Platform.Dashboards.Features.Grants;
using Platform.Dashboards.Persistence;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Dashboards.Features.Dashboards;

internal sealed class DeleteDashboardEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapDelete("/{id:guid}", HandleAsync).WithName("DeleteDashboard").WithSummary("Delete a dashboard and its widgets");

    private static async Task<NoContent> HandleAsync(Guid id, IMediator mediator, CancellationToken cancellationToken)
    {
        await mediator.Send(new DeleteDashboardCommand(id), cancellationToken);
        return TypedResults.NoContent();
    }
}

internal sealed record DeleteDashboardCommand(Guid Id) : ICommand;

internal sealed class DeleteDashboardHandler(DashboardsDbContext db, DashboardAccess access) : AsyncRequestHandler<DeleteDashboardCommand>
{
    protected override async Task Handle(DeleteDashboardCommand request, CancellationToken cancellationToken)
    {
        var dashboard = await db.Dashboards.SingleOrDefaultAsync(dashboard => dashboard.Id == request.Id, cancellationToken)
            ?? throw new NotFoundException("dashboard_not_found", "There is no such dashboard.");
        access.RequireOwner(dashboard.UserId);
        db.Dashboards.Remove(dashboard);
        db.Publish(new DashboardDeletedIntegrationEvent(dashboard.Id, dashboard.UserId));
    }
}
