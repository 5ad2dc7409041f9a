using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Identity.Persistence;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Identity.Features.Admin;

internal sealed class EndImpersonationEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapDelete("/impersonations/{id:guid}", HandleAsync).WithName("EndImpersonation")
            .WithSummary("End an impersonation before its time; its token is good no more within seconds");

    private static async Task<NoContent> HandleAsync(Guid id, IMediator mediator, CancellationToken cancellationToken)
    {
        await mediator.Send(new EndImpersonationCommand(id), cancellationToken);
        return TypedResults.NoContent();
    }
}

internal sealed record EndImpersonationCommand(Guid Id) : ICommand;

/// <summary>For staff, and for the person who is looked at: the function knows who asks.</summary>
internal sealed class EndImpersonationHandler(IdentityDbContext db) : AsyncRequestHandler<EndImpersonationCommand>
{
    protected override async Task Handle(EndImpersonationCommand request, CancellationToken cancellationToken)
    {
        var ended = await db.Database.SqlQuery<bool>($"select identity.end_impersonation({request.Id}) as \"Value\"")
            .ToListAsync(cancellationToken);
        if (!ended[0])
        {
            throw new NotFoundException("impersonation_not_found", "There is no such impersonation.");
        }
    }
}
