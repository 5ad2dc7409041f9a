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

namespace Platform.Chat.Features.Messages;

internal sealed class GetMessageEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/messages/{id:guid}", HandleAsync).WithName("GetChatMessage").WithSummary("Read a message");

    private static async Task<Ok<MessageResponse>> HandleAsync(Guid id, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new GetMessageQuery(id), cancellationToken));
}

internal sealed record GetMessageQuery(Guid Id) : IQuery<MessageResponse>;

internal sealed class GetMessageHandler(ChatDbContext db) : IRequestHandler<GetMessageQuery, MessageResponse>
{
    public async Task<MessageResponse> Handle(GetMessageQuery request, CancellationToken cancellationToken) =>
        await db.ChatMessages.AsNoTracking()
            .Where(message => message.Id == request.Id)
            .Select(message => MessageResponse.From(message, new RowVersion(EF.Property<uint>(message, "xmin"))))
            .SingleOrDefaultAsync(cancellationToken)
        ?? throw new NotFoundException("chat_message_not_found", "There is no such message.");
}
