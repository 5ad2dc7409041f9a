using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Identity.Authentication;
using Platform.Identity.Persistence;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Identity.Features.Admin;

internal sealed class ImpersonateUserEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/users/{id:guid}/impersonate", HandleAsync).WithName("ImpersonateUser")
            .WithSummary("See for a while what a person sees, and change nothing; it stands in their log");

    private static async Task<Ok<ImpersonateUserResponse>> HandleAsync(
        Guid id, ImpersonateUserBody body, IMediator mediator, ImpersonationTokens tokens, CancellationToken cancellationToken)
    {
        var impersonation = await mediator.Send(new ImpersonateUserCommand(id, body.Reason, body.Minutes), cancellationToken);
        return TypedResults.Ok(new ImpersonateUserResponse(impersonation.Id, tokens.Mint(impersonation), "bearer", impersonation.ExpiresAt));
    }
}

internal sealed record ImpersonateUserBody(string Reason, int? Minutes = null);

internal sealed record ImpersonateUserCommand(Guid Id, string Reason, int? Minutes) : ICommand<Impersonation>;

internal sealed record ImpersonateUserResponse(Guid Id, string AccessToken, string TokenType, DateTimeOffset ExpiresAt);

internal sealed class ImpersonateUserValidator : AbstractValidator<ImpersonateUserCommand>
{
    private const int MaxMinutes = 60;

    public ImpersonateUserValidator()
    {
        RuleFor(command => command.Reason).NotEmpty().MaximumLength(ReasonBody.MaxLength);
        RuleFor(command => command.Minutes).InclusiveBetween(1, MaxMinutes);
    }
}

/// <summary>The answer that is kept for a repeat holds no token: the endpoint signs it anew, and gets the same.</summary>
internal sealed class ImpersonateUserHandler(IdentityDbContext db, ICurrentCaller caller, TimeProvider clock)
    : IRequestHandler<ImpersonateUserCommand, Impersonation>
{
    private const int DefaultMinutes = 30;

    public async Task<Impersonation> Handle(ImpersonateUserCommand request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var impersonation = new Impersonation(
            Guid.CreateVersion7(now), request.Id, caller.UserId, now.AddMinutes(request.Minutes ?? DefaultMinutes));
        var until = impersonation.ExpiresAt;
        var begun = await db.Database
            .SqlQuery<bool>(
                $"select identity.staff_begin_impersonation({request.Id}, {impersonation.Id}, {until}, {request.Reason}) as \"Value\"")
            .ToListAsync(cancellationToken);
        return begun[0] ? impersonation : throw new NotFoundException("user_not_found", "There is no such account.");
    }
}
