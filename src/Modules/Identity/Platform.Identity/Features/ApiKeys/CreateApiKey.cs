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
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Identity.Features.ApiKeys;

internal sealed class CreateApiKeyEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/", HandleAsync).WithName("CreateApiKey").WithSummary("Make an API key; it is shown this once");

    private static async Task<Created<NewApiKeyResponse>> HandleAsync(
        CreateApiKeyCommand command, IMediator mediator, ShownOnce shownOnce, CancellationToken cancellationToken)
    {
        var issued = await mediator.Send(command, cancellationToken);
        return TypedResults.Created($"/api/v1/me/api-keys/{issued.Id}", issued.With(shownOnce.Open(issued.SealedKey)));
    }
}

internal sealed record CreateApiKeyCommand(string Name, string[]? Scopes = null, DateTimeOffset? ExpiresAt = null) : ICommand<IssuedApiKey>;

internal sealed class CreateApiKeyValidator : AbstractValidator<CreateApiKeyCommand>
{
    public CreateApiKeyValidator(TimeProvider clock)
    {
        RuleFor(command => command.Name).NotEmpty().MaximumLength(ApiKey.MaxNameLength);
        RuleFor(command => command.Scopes).NotEmpty().When(command => command.Scopes is not null);
        RuleForEach(command => command.Scopes).Must(scope => scope is ApiKey.Read or ApiKey.Write)
            .WithMessage($"Must be one of {ApiKey.Read}, {ApiKey.Write}.");
        RuleFor(command => command.ExpiresAt).Must(expiry => expiry is null || expiry > clock.GetUtcNow())
            .WithMessage("Must be in the future.");
    }
}

internal sealed class CreateApiKeyHandler(IdentityDbContext db, ICurrentCaller caller, ShownOnce shownOnce, TimeProvider clock)
    : IRequestHandler<CreateApiKeyCommand, IssuedApiKey>
{
    public async Task<IssuedApiKey> Handle(CreateApiKeyCommand request, CancellationToken cancellationToken)
    {
        RuleViolationException.ThrowIf(
            await db.ApiKeys.CountAsync(cancellationToken) >= ApiKey.MaxKeys, "too_many_api_keys", $"A person has at most {ApiKey.MaxKeys} keys.");
        var secret = ApiKeySecret.Create();
        var key = ApiKey.Create(caller.UserId, request.Name, request.Scopes ?? [ApiKey.Read], request.ExpiresAt, secret, clock.GetUtcNow());
        db.ApiKeys.Add(key);
        return IssuedApiKey.From(key, shownOnce.Seal(secret.Text));
    }
}
