using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Identity.Persistence;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Json;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Identity.Features.Profile;

internal sealed class UpdatePreferencesEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPatch("/preferences", HandleAsync).WithName("UpdatePreferences").WithSummary("Change your preferences with a JSON merge patch")
            .Produces<JsonElement>();

    private static async Task<DocumentResult> HandleAsync(JsonElement patch, IMediator mediator, CancellationToken cancellationToken) =>
        new(await mediator.Send(new UpdatePreferencesCommand(patch), cancellationToken));
}

internal sealed record UpdatePreferencesCommand(JsonElement Patch) : ICommand<ProfileDocument>;

internal sealed class UpdatePreferencesValidator : AbstractValidator<UpdatePreferencesCommand>
{
    public UpdatePreferencesValidator() =>
        RuleFor(command => command.Patch).Must(patch => patch.ValueKind == JsonValueKind.Object)
            .WithMessage("The body must be an object.").OverridePropertyName("");
}

internal sealed class UpdatePreferencesHandler(IdentityDbContext db, ICurrentCaller caller, TimeProvider clock)
    : IRequestHandler<UpdatePreferencesCommand, ProfileDocument>
{
    public async Task<ProfileDocument> Handle(UpdatePreferencesCommand request, CancellationToken cancellationToken)
    {
        ProfileSchema.Preferences.RequireFits(request.Patch);
        var profile = await db.UserProfiles.SingleOrDefaultAsync(profile => profile.UserId == caller.UserId, cancellationToken)
            ?? throw new NotFoundException("user_not_found", "There is no such account.");
        profile.ReplacePreferences(MergePatch.Apply(profile.Preferences, request.Patch), clock.GetUtcNow());
        return new ProfileDocument(profile.Preferences) { Version = db.VersionOf(profile) };
    }
}
