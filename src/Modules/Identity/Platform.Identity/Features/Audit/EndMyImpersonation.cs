using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Platform.Identity.Features.Admin;
using Platform.SharedKernel.Infrastructure.Authentication;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.Identity.Features.Audit;

internal sealed class EndMyImpersonationEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapDelete("/impersonations/{id:guid}", HandleAsync).WithName("EndMyImpersonation")
            .WithSummary("Shut out staff who look at your account; the id stands in your log").RequireAuthorization(AccessRules.InPerson);

    private static async Task<NoContent> HandleAsync(Guid id, IMediator mediator, CancellationToken cancellationToken)
    {
        await mediator.Send(new EndImpersonationCommand(id), cancellationToken);
        return TypedResults.NoContent();
    }
}
