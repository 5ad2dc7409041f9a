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

namespace Platform.Dashboards.Features.Sharing;

internal sealed class DeleteShareLinkEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapDelete("/{id:guid}", HandleAsync).WithName("DeleteShareLink").WithSummary("End a share link, at once");

    private static async Task<NoContent> HandleAsync(Guid id, IMediator mediator, CancellationToken cancellationToken)
    {
        await mediator.Send(new DeleteShareLinkCommand(id), cancellationToken);
        return TypedResults.NoContent();
    }
}

internal sealed record DeleteShareLinkCommand(Guid Id) : ICommand;

internal sealed class DeleteShareLinkHandler(DashboardsDbContext db) : AsyncRequestHandler<DeleteShareLinkCommand>
{
    protected override async Task Handle(DeleteShareLinkCommand request, CancellationToken cancellationToken)
    {
        var link = await db.ShareLinks.SingleOrDefaultAsync(link => link.Id == request.Id, cancellationToken)
            ?? throw new NotFoundException("share_link_not_found", "There is no such share link.");
        db.ShareLinks.Remove(link);
    }
}
