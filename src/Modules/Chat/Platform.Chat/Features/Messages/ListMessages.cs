using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Chat.Persistence;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Http;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.SharedKernel.Paging;

namespace Platform.Chat.Features.Messages;

internal sealed class ListMessagesEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/sessions/{id:guid}/messages", HandleAsync).WithName("ListChatMessages")
            .WithSummary("List the messages of a session in all its branches, newest first");

    private static async Task<Ok<Page<MessageResponse>>> HandleAsync(
        Guid id, int? limit, string? cursor, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new ListMessagesQuery(id, limit, cursor), cancellationToken));
}

internal sealed record ListMessagesQuery(Guid SessionId, int? Limit, string? Cursor) : IQuery<Page<MessageResponse>>;

internal sealed class ListMessagesValidator : AbstractValidator<ListMessagesQuery>
{
    public ListMessagesValidator() => this.RuleForLimit(query => query.Limit);
}

internal sealed class ListMessagesHandler(ChatDbContext db, Cursors cursors) : IRequestHandler<ListMessagesQuery, Page<MessageResponse>>
{
    private const string List = "chat_messages";

    public async Task<Page<MessageResponse>> Handle(ListMessagesQuery request, CancellationToken cancellationToken)
    {
        var page = new PageRequest(request.Limit, request.Cursor);
        var before = cursors.Decode(List, page.Cursor) ?? Guid.AllBitsSet;
        var items = await db.ChatMessages.AsNoTracking()
            .Where(message => message.SessionId == request.SessionId && message.Id < before)
            .OrderByDescending(message => message.Id)
            .Take(page.Take + 1)
            .Select(message => MessageResponse.From(message, null))
            .ToListAsync(cancellationToken);
        if (items.Count == 0 && !await db.ChatSessions.AnyAsync(session => session.Id == request.SessionId, cancellationToken))
        {
            throw new NotFoundException("chat_session_not_found", "There is no such session.");
        }

        return cursors.ToPage(List, items, page, message => message.Id);
    }
}
