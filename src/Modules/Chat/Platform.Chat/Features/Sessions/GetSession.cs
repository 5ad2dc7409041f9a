using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Chat.Persistence;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.SharedKernel.Paging;

namespace Platform.Chat.Features.Sessions;

internal sealed class GetSessionEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/sessions/{id:guid}", HandleAsync).WithName("GetChatSession")
            .WithSummary("Read a chat session with the end of its active branch");

    private static async Task<Ok<SessionResponse>> HandleAsync(Guid id, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new GetSessionQuery(id), cancellationToken));
}

internal sealed record GetSessionQuery(Guid Id) : IQuery<SessionResponse>;

internal sealed class GetSessionHandler(ChatDbContext db) : IRequestHandler<GetSessionQuery, SessionResponse>
{
    public async Task<SessionResponse> Handle(GetSessionQuery request, CancellationToken cancellationToken) =>
        await db.ChatSessions.AsNoTracking()
            .Where(session => session.Id == request.Id)
            .Select(session => new SessionResponse(
                session.Id, session.Title, session.Messages, session.Context, session.ActiveMessageId, session.CreatedAt, session.UpdatedAt)
            { Version = new RowVersion(EF.Property<uint>(session, "xmin")) })
            .SingleOrDefaultAsync(cancellationToken)
        ?? throw new NotFoundException("chat_session_not_found", "There is no such session.");
}
