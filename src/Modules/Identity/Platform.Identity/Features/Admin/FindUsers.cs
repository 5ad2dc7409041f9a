using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Identity.Persistence;
using Platform.SharedKernel.Infrastructure.Http;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.SharedKernel.Paging;

namespace Platform.Identity.Features.Admin;

internal sealed class FindUsersEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/users", HandleAsync).WithName("FindUsers").WithSummary("Find people by a part of address or name, or by id, newest first");

    private static async Task<Ok<Page<StaffUserResponse>>> HandleAsync(
        string? query, int? limit, string? cursor, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new FindUsersQuery(query, limit, cursor), cancellationToken));
}

internal sealed record FindUsersQuery(string? Query, int? Limit, string? Cursor) : IQuery<Page<StaffUserResponse>>;

/// <summary>A person as staff see them: nothing of what is theirs.</summary>
internal sealed record StaffUserResponse(
    Guid Id, string? Email, string? FullName, string? Role, DateTimeOffset CreatedAt, DateTimeOffset? LastSignInAt, DateTimeOffset? BannedUntil,
    long Sessions, long ApiKeys);

internal sealed class FindUsersValidator : AbstractValidator<FindUsersQuery>
{
    public FindUsersValidator()
    {
        this.RuleForLimit(query => query.Limit);
        RuleFor(query => query.Query).MaximumLength(200);
    }
}

internal sealed class FindUsersHandler(IdentityDbContext db, Cursors cursors) : IRequestHandler<FindUsersQuery, Page<StaffUserResponse>>
{
    private const string List = "users";

    public async Task<Page<StaffUserResponse>> Handle(FindUsersQuery request, CancellationToken cancellationToken)
    {
        var page = new PageRequest(request.Limit, request.Cursor);
        var before = cursors.Decode(List, page.Cursor);
        var search = string.IsNullOrWhiteSpace(request.Query) ? null : request.Query.Trim();
        var users = await db.Database.SqlQuery<StaffUserResponse>(
            $"select * from identity.staff_find_users({search}, null, {before}, {page.Take + 1})").ToListAsync(cancellationToken);
        return cursors.ToPage(List, users, page, user => user.Id);
    }
}
