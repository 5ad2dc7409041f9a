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

internal sealed class GetSettingsEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/settings", HandleAsync).WithName("GetSettings").WithSummary("Read your settings")
            .Produces<JsonElement>();

    private static async Task<DocumentResult> HandleAsync(IMediator mediator, CancellationToken cancellationToken) =>
        new(await mediator.Send(new GetSettingsQuery(), cancellationToken));
}

internal sealed record GetSettingsQuery : IQuery<ProfileDocument>;

internal sealed class GetSettingsHandler(IdentityDbContext db, ICurrentCaller caller) : IRequestHandler<GetSettingsQuery, ProfileDocument>
{
    public async Task<ProfileDocument> Handle(GetSettingsQuery request, CancellationToken cancellationToken) =>
        await db.UserProfiles.AsNoTracking()
            .Where(profile => profile.UserId == caller.UserId)
            .Select(profile => new ProfileDocument(profile.Settings) { Version = new RowVersion(EF.Property<uint>(profile, "xmin")) })
            .SingleOrDefaultAsync(cancellationToken)
        ?? throw new NotFoundException("user_not_found", "There is no such account.");
}
