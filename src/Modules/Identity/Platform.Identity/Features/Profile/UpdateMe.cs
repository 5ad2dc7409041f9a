using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Identity.Domain;
using Platform.Identity.Persistence;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Json;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Json;
using Platform.SharedKernel.Messages;

namespace Platform.Identity.Features.Profile;

internal sealed class UpdateMeEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPatch("/", HandleAsync).WithName("UpdateMe").WithSummary("Change your own account; metadata merges");

    private static async Task<Ok<MeResponse>> HandleAsync(
        UpdateMeCommand command, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(command, cancellationToken));
}

internal sealed record UpdateMeCommand : ICommand<MeResponse>
{
    public Optional<string?> FullName { get; init; }

    public Optional<JsonElement> Metadata { get; init; }
}

internal sealed class UpdateMeValidator : AbstractValidator<UpdateMeCommand>
{
    public UpdateMeValidator()
    {
        RuleFor(command => command.FullName.Value).MaximumLength(User.MaxFullNameLength)
            .When(command => command.FullName.IsSet).OverridePropertyName(nameof(UpdateMeCommand.FullName));
        RuleFor(command => command.Metadata.Value).Must(metadata => metadata.ValueKind == JsonValueKind.Object)
            .WithMessage("'Metadata' must be an object.")
            .When(command => command.Metadata.IsSet).OverridePropertyName(nameof(UpdateMeCommand.Metadata));
    }
}

internal sealed class UpdateMeHandler(IdentityDbContext db, ICurrentCaller caller, TimeProvider clock) : IRequestHandler<UpdateMeCommand, MeResponse>
{
    public async Task<MeResponse> Handle(UpdateMeCommand request, CancellationToken cancellationToken)
    {
        var user = await db.Users.SingleOrDefaultAsync(user => user.Id == caller.UserId, cancellationToken)
            ?? throw new NotFoundException("user_not_found", "There is no such account.");
        if (request.FullName.IsSet)
        {
            user.Rename(request.FullName.Value, clock.GetUtcNow());
        }

        if (request.Metadata.IsSet)
        {
            user.ReplaceMetadata(MergePatch.Apply(user.Metadata, request.Metadata.Value), clock.GetUtcNow());
        }

        return MeResponse.From(user, db.VersionOf(user));
    }
}
