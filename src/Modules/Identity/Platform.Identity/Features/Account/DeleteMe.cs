using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Identity.Authentication;
using Platform.Identity.Contracts.Events;
using Platform.Identity.Persistence;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Authentication;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Identity.Features.Account;

internal sealed class DeleteMeEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapDelete("/", HandleAsync).WithName("DeleteMe")
            .WithSummary("Delete your account and all that is yours, ten minutes after signing in at the latest; the answer is a receipt")
            .RequireAuthorization(AccessRules.InPerson);

    private static async Task<Accepted<DeletionReceipt>> HandleAsync(
        IMediator mediator, DeletionReceipts receipts, CancellationToken cancellationToken)
    {
        var deletion = await mediator.Send(new DeleteMeCommand(), cancellationToken);
        return TypedResults.Accepted((string?)null, receipts.Sign(deletion.Id, deletion.UserId, deletion.DeletedAt));
    }
}

internal sealed record DeleteMeCommand : ICommand<Deletion>;

internal sealed record Deletion(Guid Id, Guid UserId, DateTimeOffset DeletedAt);

internal sealed class DeleteMeHandler(IdentityDbContext db, ICurrentCaller caller, TimeProvider clock) : IRequestHandler<DeleteMeCommand, Deletion>
{
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(10);

    public async Task<Deletion> Handle(DeleteMeCommand request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (SignIn.TimeOf(caller.Caller.Claims) is not { } signedInAt || now - signedInAt > Fresh)
        {
            throw new ForbiddenException("fresh_sign_in_required", "Sign in again, then delete your account within ten minutes.");
        }

        // Tracked, for If-Match.
        var user = await db.Users.SingleOrDefaultAsync(user => user.Id == caller.UserId, cancellationToken)
            ?? throw new NotFoundException("user_not_found", "There is no such account.");
        await db.Database.ExecuteSqlAsync($"select identity.begin_deletion()", cancellationToken);
        db.Publish(new UserDeletedIntegrationEvent(user.Id));
        return new Deletion(Guid.CreateVersion7(now), user.Id, now);
    }
}
