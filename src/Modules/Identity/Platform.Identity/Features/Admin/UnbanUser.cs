using FluentValidation;
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

internal sealed class UnbanUserEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/users/{id:guid}/unban", HandleAsync).WithName("UnbanUser").WithSummary("Lift a ban");

    private static async Task<NoContent> HandleAsync(Guid id, ReasonBody? body, IMediator mediator, CancellationToken cancellationToken)
    {
        await mediator.Send(new UnbanUserCommand(id, body?.Reason), cancellationToken);
        return TypedResults.NoContent();
    }
}

internal sealed record UnbanUserCommand(Guid Id, string? Reason) : ICommand;

internal sealed class UnbanUserValidator : AbstractValidator<UnbanUserCommand>
{
    public UnbanUserValidator() => RuleFor(command => command.Reason).MaximumLength(ReasonBody.MaxLength);
}

internal sealed class UnbanUserHandler(IdentityDbContext db) : AsyncRequestHandler<UnbanUserCommand>
{
    protected override async Task Handle(UnbanUserCommand request, CancellationToken cancellationToken)
    {
        var done = await db.Database
            .SqlQuery<bool>($"select identity.staff_ban({request.Id}, null, {request.Reason}) as \"Value\"")
            .ToListAsync(cancellationToken);
        if (!done[0])
        {
            throw new NotFoundException("user_not_found", "There is no such account.");
        }
    }
}
