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

internal sealed class UpdateSettingsEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPatch("/settings", HandleAsync).WithName("UpdateSettings").WithSummary("Change your settings with a JSON merge patch")
            .Produces<JsonElement>();

    private static async Task<DocumentResult> HandleAsync(JsonElement patch, IMediator mediator, CancellationToken cancellationToken) =>
        new(await mediator.Send(new UpdateSettingsCommand(patch), cancellationToken));
}

internal sealed record UpdateSettingsCommand(JsonElement Patch) : ICommand<ProfileDocument>;

internal sealed class UpdateSettingsValidator : AbstractValidator<UpdateSettingsCommand>
{
    public UpdateSettingsValidator() =>
        RuleFor(command => command.Patch).Must(patch => patch.ValueKind == JsonValueKind.Object)
            .WithMessage("The body must be an object.").OverridePropertyName("");
}

internal sealed class UpdateSettingsHandler(IdentityDbContext db, ICurrentCaller caller, TimeProvider clock)
    : IRequestHandler<UpdateSettingsCommand, ProfileDocument>
{
    public async Task<ProfileDocument> Handle(UpdateSettingsCommand request, CancellationToken cancellationToken)
    {
        ProfileSchema.Settings.RequireFits(request.Patch);
        var profile = await db.UserProfiles.SingleOrDefaultAsync(profile => profile.UserId == caller.UserId, cancellationToken)
            ?? throw new NotFoundException("user_not_found", "There is no such account.");
        profile.ReplaceSettings(MergePatch.Apply(profile.Settings, request.Patch), clock.GetUtcNow());
        return new ProfileDocument(profile.Settings) { Version = db.VersionOf(profile) };
    }
}
