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

namespace Platform.Identity.Features.ApiKeys;

internal sealed class RevokeApiKeyEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapDelete("/{id:guid}", HandleAsync).WithName("RevokeApiKey")
            .WithSummary("Revoke an API key, at most 5 seconds from now on every node");

    private static async Task<NoContent> HandleAsync(Guid id, IMediator mediator, CancellationToken cancellationToken)
    {
        await mediator.Send(new RevokeApiKeyCommand(id), cancellationToken);
        return TypedResults.NoContent();
    }
}

internal sealed record RevokeApiKeyCommand(Guid Id) : ICommand;

internal sealed class RevokeApiKeyHandler(IdentityDbContext db) : AsyncRequestHandler<RevokeApiKeyCommand>
{
    protected override async Task Handle(RevokeApiKeyCommand request, CancellationToken cancellationToken)
    {
        var key = await db.ApiKeys.SingleOrDefaultAsync(key => key.Id == request.Id, cancellationToken)
            ?? throw new NotFoundException("api_key_not_found", "There is no such API key.");
        db.ApiKeys.Remove(key);
    }
}
