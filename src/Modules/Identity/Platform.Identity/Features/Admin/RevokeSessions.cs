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

internal sealed class RevokeSessionsEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/users/{id:guid}/revoke-sessions", HandleAsync).WithName("RevokeSessions").WithSummary("Sign a person out everywhere");

    private static async Task<Ok<RevokeSessionsResponse>> HandleAsync(
        Guid id, ReasonBody? body, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new RevokeSessionsCommand(id, body?.Reason), cancellationToken));
}

internal sealed record RevokeSessionsCommand(Guid Id, string? Reason) : ICommand<RevokeSessionsResponse>;

internal sealed record RevokeSessionsResponse(int Ended);

internal sealed class RevokeSessionsValidator : AbstractValidator<RevokeSessionsCommand>
{
    public RevokeSessionsValidator() => RuleFor(command => command.Reason).MaximumLength(ReasonBody.MaxLength);
}

internal sealed class RevokeSessionsHandler(IdentityDbContext db) : IRequestHandler<RevokeSessionsCommand, RevokeSessionsResponse>
{
    public async Task<RevokeSessionsResponse> Handle(RevokeSessionsCommand request, CancellationToken cancellationToken)
    {
        var ended = await db.Database
            .SqlQuery<int?>($"select identity.staff_end_sessions({request.Id}, {request.Reason}) as \"Value\"")
            .ToListAsync(cancellationToken);
        return new RevokeSessionsResponse(ended[0] ?? throw new NotFoundException("user_not_found", "There is no such account."));
    }
}
