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

namespace Platform.Identity.Features.Sessions;

internal sealed class ListSessionsEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/", HandleAsync).WithName("ListSessions").WithSummary("List where you are signed in, in the order of their ids");

    private static async Task<Ok<Page<SessionResponse>>> HandleAsync(
        int? limit, string? cursor, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new ListSessionsQuery(limit, cursor), cancellationToken));
}

internal sealed record ListSessionsQuery(int? Limit, string? Cursor) : IQuery<Page<SessionResponse>>;

/// <summary>Where somebody is signed in. The device is what it says of itself.</summary>
internal sealed record SessionResponse(
    Guid Id, string? Device, string? Address, DateTimeOffset CreatedAt, DateTimeOffset LastUsedAt, bool Current);

internal sealed class ListSessionsValidator : AbstractValidator<ListSessionsQuery>
{
    public ListSessionsValidator() => this.RuleForLimit(query => query.Limit);
}

internal sealed class ListSessionsHandler(IdentityDbContext db, Cursors cursors) : IRequestHandler<ListSessionsQuery, Page<SessionResponse>>
{
    private const string List = "sessions";

    public async Task<Page<SessionResponse>> Handle(ListSessionsQuery request, CancellationToken cancellationToken)
    {
        var page = new PageRequest(request.Limit, request.Cursor);
        var before = cursors.Decode(List, page.Cursor);
        var rows = await db.Database.SqlQuery<SessionRow>($"select * from identity.list_sessions({before}, {page.Take + 1})")
            .ToListAsync(cancellationToken);
        var sessions = rows
            .Select(row => new SessionResponse(
                row.Id, row.Device, row.Address, row.CreatedAt, row.LastUsedAt, row.IsCurrent))
            .ToList();
        return cursors.ToPage(List, sessions, page, session => session.Id);
    }

    private sealed record SessionRow(
        Guid Id, string? Device, string? Address, DateTimeOffset CreatedAt, DateTimeOffset LastUsedAt, bool IsCurrent);
}
