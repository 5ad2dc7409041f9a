using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Platform.Identity.Contracts.Commands;
using Platform.Identity.Contracts.Queries;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Paging;

namespace Platform.Dashboards.Features.Grants;

internal sealed class ListGrantsEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}/grants", HandleAsync).WithName("ListDashboardGrants").WithSummary("List who may use your dashboard, newest first");

    private static async Task<Ok<Page<GrantResponse>>> HandleAsync(
        Guid id, int? limit, string? cursor, IMediator mediator, CancellationToken cancellationToken)
    {
        await mediator.Send(new RequireOwnDashboardQuery(id), cancellationToken);
        return TypedResults.Ok(await mediator.Send(new ListGrantsQuery(DashboardAccess.ObjectType, id, limit, cursor), cancellationToken));
    }
}
