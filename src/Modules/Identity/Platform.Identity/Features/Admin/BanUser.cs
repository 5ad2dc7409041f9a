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

internal sealed class BanUserEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/users/{id:guid}/ban", HandleAsync).WithName("BanUser")
            .WithSummary("Keep a person out for some hours, or until the ban is lifted, and end their sessions");

    private static async Task<NoContent> HandleAsync(Guid id, BanUserBody? body, IMediator mediator, CancellationToken cancellationToken)
    {
        await mediator.Send(new BanUserCommand(id, body?.Hours, body?.Reason), cancellationToken);
        return TypedResults.NoContent();
    }
}

internal sealed record BanUserBody(int? Hours = null, string? Reason = null);

internal sealed record BanUserCommand(Guid Id, int? Hours, string? Reason) : ICommand;

internal sealed class BanUserValidator : AbstractValidator<BanUserCommand>
{
    public const int MaxHours = 100 * 365 * 24;

    public BanUserValidator()
    {
        RuleFor(command => command.Hours).InclusiveBetween(1, MaxHours);
        RuleFor(command => command.Reason).MaximumLength(ReasonBody.MaxLength);
    }
}

internal sealed class BanUserHandler(IdentityDbContext db, TimeProvider clock) : AsyncRequestHandler<BanUserCommand>
{
    protected override async Task Handle(BanUserCommand request, CancellationToken cancellationToken)
    {
        var until = clock.GetUtcNow().AddHours(request.Hours ?? BanUserValidator.MaxHours);
        var done = await db.Database
            .SqlQuery<bool>($"select identity.staff_ban({request.Id}, {until}, {request.Reason}) as \"Value\"")
            .ToListAsync(cancellationToken);
        if (!done[0])
        {
            throw new NotFoundException("user_not_found", "There is no such account.");
        }
    }
}
