using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Platform.Chat.Domain;
using Platform.Chat.Persistence;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Chat.Features.Sessions;

internal sealed class CreateSessionEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/sessions", HandleAsync).WithName("CreateChatSession").WithSummary("Begin a chat session");

    private static async Task<Created<SessionResponse>> HandleAsync(
        CreateSessionCommand command, IMediator mediator, CancellationToken cancellationToken)
    {
        var response = await mediator.Send(command, cancellationToken);
        return TypedResults.Created($"/api/v1/chat/sessions/{response.Id}", response);
    }
}

internal sealed record CreateSessionCommand(string Title = "", JsonElement? Context = null) : ICommand<SessionResponse>;

internal sealed class CreateSessionValidator : AbstractValidator<CreateSessionCommand>
{
    public CreateSessionValidator()
    {
        RuleFor(command => command.Title).MaximumLength(ChatSession.MaxTitleLength);
        RuleFor(command => command.Context).Context();
    }
}

internal sealed class CreateSessionHandler(ChatDbContext db, ICurrentCaller caller, TimeProvider clock)
    : IRequestHandler<CreateSessionCommand, SessionResponse>
{
    private static readonly JsonElement Empty = JsonSerializer.SerializeToElement(new { });

    public Task<SessionResponse> Handle(CreateSessionCommand request, CancellationToken cancellationToken)
    {
        var session = ChatSession.Create(caller.UserId, request.Title, request.Context ?? Empty, clock.GetUtcNow());
        db.ChatSessions.Add(session);
        return Task.FromResult(SessionResponse.From(session, db.VersionOf(session)));
    }
}
