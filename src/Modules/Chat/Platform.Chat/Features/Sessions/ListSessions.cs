using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Chat.Persistence;
using Platform.SharedKernel.Infrastructure.Http;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.SharedKernel.Paging;

namespace Platform.Chat.Features.Sessions;

internal sealed class ListSessionsEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/sessions", HandleAsync).WithName("ListChatSessions").WithSummary("List your chat sessions, newest first");

    private static async Task<Ok<Page<SessionResponse>>> HandleAsync(
        int? limit, string? cursor, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new ListSessionsQuery(limit, cursor), cancellationToken));
}

internal sealed record ListSessionsQuery(int? Limit, string? Cursor) : IQuery<Page<SessionResponse>>;

internal sealed class ListSessionsValidator : AbstractValidator<ListSessionsQuery>
{
    public ListSessionsValidator() => this.RuleForLimit(query => query.Limit);
}

internal sealed class ListSessionsHandler(ChatDbContext db, Cursors cursors) : IRequestHandler<ListSessionsQuery, Page<SessionResponse>>
{
    private const string List = "chat_sessions";

    public async Task<Page<SessionResponse>> Handle(ListSessionsQuery request, CancellationToken cancellationToken)
    {
        var page = new PageRequest(request.Limit, request.Cursor);
        var before = cursors.Decode(List, page.Cursor) ?? Guid.AllBitsSet;
        var items = await db.ChatSessions.AsNoTracking()
            .Where(session => session.Id < before)
            .OrderByDescending(session => session.Id)
            .Take(page.Take + 1)
            .Select(session => new SessionResponse(
                session.Id, session.Title, null, null, session.ActiveMessageId, session.CreatedAt, session.UpdatedAt))
            .ToListAsync(cancellationToken);
        return cursors.ToPage(List, items, page, session => session.Id);
    }
}
