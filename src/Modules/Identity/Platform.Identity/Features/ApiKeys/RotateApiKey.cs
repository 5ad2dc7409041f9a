using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Identity.Authentication;
using Platform.Identity.Domain;
using Platform.Identity.Persistence;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Identity.Features.ApiKeys;

internal sealed class RotateApiKeyEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{id:guid}/rotate", HandleAsync).WithName("RotateApiKey")
            .WithSummary("Give an API key another secret; the one before stays good for the overlap, a day if left out");

    private static async Task<Ok<NewApiKeyResponse>> HandleAsync(
        Guid id, RotateApiKeyBody? body, IMediator mediator, ShownOnce shownOnce, CancellationToken cancellationToken)
    {
        var issued = await mediator.Send(new RotateApiKeyCommand(id, body?.OverlapSeconds), cancellationToken);
        return TypedResults.Ok(issued.With(shownOnce.Open(issued.SealedKey)));
    }
}

internal sealed record RotateApiKeyBody(int? OverlapSeconds = null);

internal sealed record RotateApiKeyCommand(Guid Id, int? OverlapSeconds) : ICommand<IssuedApiKey>;

internal sealed class RotateApiKeyValidator : AbstractValidator<RotateApiKeyCommand>
{
    private const int Week = 7 * 24 * 3600;

    public RotateApiKeyValidator() => RuleFor(command => command.OverlapSeconds).InclusiveBetween(0, Week);
}

internal sealed class RotateApiKeyHandler(IdentityDbContext db, ShownOnce shownOnce, TimeProvider clock)
    : IRequestHandler<RotateApiKeyCommand, IssuedApiKey>
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public async Task<IssuedApiKey> Handle(RotateApiKeyCommand request, CancellationToken cancellationToken)
    {
        var key = await db.ApiKeys.SingleOrDefaultAsync(key => key.Id == request.Id, cancellationToken)
            ?? throw new NotFoundException("api_key_not_found", "There is no such API key.");
        var secret = ApiKeySecret.Create();
        key.Rotate(secret, request.OverlapSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : Day, clock.GetUtcNow());
        return IssuedApiKey.From(key, shownOnce.Seal(secret.Text));
    }
}
