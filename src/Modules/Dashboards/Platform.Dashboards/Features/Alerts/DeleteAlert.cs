using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Persistence;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Dashboards.Features.Alerts;

internal sealed class DeleteAlertEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapDelete("/{id:guid}", HandleAsync).WithName("DeleteAlert").WithSummary("Delete an alert and its history");

    private static async Task<NoContent> HandleAsync(Guid id, IMediator mediator, CancellationToken cancellationToken)
    {
        await mediator.Send(new DeleteAlertCommand(id), cancellationToken);
        return TypedResults.NoContent();
    }
}

internal sealed record DeleteAlertCommand(Guid Id) : ICommand;

internal sealed class DeleteAlertHandler(DashboardsDbContext db) : AsyncRequestHandler<DeleteAlertCommand>
{
    protected override async Task Handle(DeleteAlertCommand request, CancellationToken cancellationToken) =>
        db.Alerts.Remove(
            await db.Alerts.SingleOrDefaultAsync(alert => alert.Id == request.Id, cancellationToken)
            ?? throw new NotFoundException("alert_not_found", "There is no such alert."));
}
