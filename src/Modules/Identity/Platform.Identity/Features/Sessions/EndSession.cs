using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Identity.Persistence;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Authentication;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Identity.Features.Sessions;

internal sealed class EndSessionEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapDelete("/{id:guid}", HandleAsync).WithName("EndSession").WithSummary("Sign out elsewhere")
            .RequireAuthorization(AccessRules.InPerson);

    private static async Task<NoContent> HandleAsync(Guid id, IMediator mediator, CancellationToken cancellationToken)
    {
        await mediator.Send(new EndSessionCommand(id), cancellationToken);
        return TypedResults.NoContent();
    }
}

internal sealed record EndSessionCommand(Guid Id) : ICommand;

internal sealed class EndSessionHandler(IdentityDbContext db) : AsyncRequestHandler<EndSessionCommand>
{
    protected override async Task Handle(EndSessionCommand request, CancellationToken cancellationToken)
    {
        var ended = await db.Database.SqlQuery<bool>($"select identity.end_session({request.Id}) as \"Value\"").ToListAsync(cancellationToken);
        if (!ended[0])
        {
            throw new NotFoundException("session_not_found", "There is no such session.");
        }
    }
}
