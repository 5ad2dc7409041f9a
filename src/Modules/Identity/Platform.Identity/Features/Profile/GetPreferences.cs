using System.Text.Json;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Identity.Persistence;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.SharedKernel.Paging;

namespace Platform.Identity.Features.Profile;

internal sealed class GetPreferencesEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/preferences", HandleAsync).WithName("GetPreferences").WithSummary("Read your preferences")
            .Produces<JsonElement>();

    private static async Task<DocumentResult> HandleAsync(IMediator mediator, CancellationToken cancellationToken) =>
        new(await mediator.Send(new GetPreferencesQuery(), cancellationToken));
}

internal sealed record GetPreferencesQuery : IQuery<ProfileDocument>;

internal sealed class GetPreferencesHandler(IdentityDbContext db, ICurrentCaller caller) : IRequestHandler<GetPreferencesQuery, ProfileDocument>
{
    public async Task<ProfileDocument> Handle(GetPreferencesQuery request, CancellationToken cancellationToken) =>
        await db.UserProfiles.AsNoTracking()
            .Where(profile => profile.UserId == caller.UserId)
            .Select(profile => new ProfileDocument(profile.Preferences) { Version = new RowVersion(EF.Property<uint>(profile, "xmin")) })
            .SingleOrDefaultAsync(cancellationToken)
        ?? throw new NotFoundException("user_not_found", "There is no such account.");
}
