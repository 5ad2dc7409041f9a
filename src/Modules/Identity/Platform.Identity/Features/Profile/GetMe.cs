using System.Text.Json;
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
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.SharedKernel.Paging;

namespace Platform.Identity.Features.Profile;

internal sealed class GetMeEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/", HandleAsync).WithName("GetMe").WithSummary("Read your own account");

    private static async Task<Ok<MeResponse>> HandleAsync(IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new GetMeQuery(), cancellationToken));
}

internal sealed record GetMeQuery : IQuery<MeResponse>;

internal sealed record MeResponse(
    Guid Id, string? Email, string? FullName, JsonElement Metadata, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt) : VersionedResponse
{
    public static MeResponse From(User user, RowVersion version) =>
        new(user.Id, user.Email, user.FullName, user.Metadata, user.CreatedAt, user.UpdatedAt) { Version = version };
}

internal sealed class GetMeHandler(IdentityDbContext db, ICurrentCaller caller) : IRequestHandler<GetMeQuery, MeResponse>
{
    public async Task<MeResponse> Handle(GetMeQuery request, CancellationToken cancellationToken) =>
        await db.Users.AsNoTracking()
            .Where(user => user.Id == caller.UserId)
            .Select(user => MeResponse.From(user, new RowVersion(EF.Property<uint>(user, "xmin"))))
            .SingleOrDefaultAsync(cancellationToken)
        ?? throw new NotFoundException("user_not_found", "There is no such account.");
}
