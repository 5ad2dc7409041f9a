using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Platform.Identity.Contracts.Commands;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.Dashboards.Features.Grants;

internal sealed class EndGrantEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapDelete("/{id:guid}/grants/{grantId:guid}", HandleAsync).WithName("EndDashboardGrant")
            .WithSummary("End a grant of your dashboard, or one that you were given");

    private static async Task<NoContent> HandleAsync(Guid id, Guid grantId, IMediator mediator, CancellationToken cancellationToken)
    {
        await mediator.Send(new EndGrantCommand(DashboardAccess.ObjectType, id, grantId), cancellationToken);
        return TypedResults.NoContent();
    }
}
