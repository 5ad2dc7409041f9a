using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Features.Grants;
using Platform.Dashboards.Persistence;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Dashboards.Features.Widgets;

internal sealed class DeleteWidgetEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapDelete("/{id:guid}", HandleAsync).WithName("DeleteWidget").WithSummary("Delete a widget");

    private static async Task<NoContent> HandleAsync(Guid id, IMediator mediator, CancellationToken cancellationToken)
    {
        await mediator.Send(new DeleteWidgetCommand(id), cancellationToken);
        return TypedResults.NoContent();
    }
}

internal sealed record DeleteWidgetCommand(Guid Id) : ICommand;

internal sealed class DeleteWidgetHandler(DashboardsDbContext db, DashboardAccess access, TimeProvider clock)
    : AsyncRequestHandler<DeleteWidgetCommand>
{
    protected override async Task Handle(DeleteWidgetCommand request, CancellationToken cancellationToken)
    {
        var dashboard = await db.Dashboards.Include(dashboard => dashboard.Widgets)
            .SingleOrDefaultAsync(dashboard => dashboard.Widgets.Any(widget => widget.Id == request.Id), cancellationToken)
            ?? throw new NotFoundException("widget_not_found", "There is no such widget.");
        await access.RequireEditAsync(dashboard, cancellationToken);
        dashboard.RemoveWidget(dashboard.Widgets.Single(widget => widget.Id == request.Id), clock.GetUtcNow());
    }
}
