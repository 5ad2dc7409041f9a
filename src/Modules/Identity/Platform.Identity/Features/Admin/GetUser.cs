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

internal sealed class GetUserEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/users/{id:guid}", HandleAsync).WithName("GetUser").WithSummary("Read about a person");

    private static async Task<Ok<StaffUserResponse>> HandleAsync(Guid id, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new GetUserQuery(id), cancellationToken));
}

internal sealed record GetUserQuery(Guid Id) : IQuery<StaffUserResponse>;

internal sealed class GetUserHandler(IdentityDbContext db) : IRequestHandler<GetUserQuery, StaffUserResponse>
{
    public async Task<StaffUserResponse> Handle(GetUserQuery request, CancellationToken cancellationToken) =>
        (await db.Database.SqlQuery<StaffUserResponse>($"select * from identity.staff_find_users(null, {request.Id}, null, 1)")
            .ToListAsync(cancellationToken))
        .SingleOrDefault() ?? throw new NotFoundException("user_not_found", "There is no such account.");
}
