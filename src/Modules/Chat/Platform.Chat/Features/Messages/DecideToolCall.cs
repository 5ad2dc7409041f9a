using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Platform.Chat.Persistence;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Chat.Features.Messages;

internal sealed class DecideToolCallEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/messages/{id:guid}/approvals/{call_id}", HandleAsync).WithName("DecideChatToolCall")
            .WithSummary("Approve or refuse a tool call that waits for you");

    private static async Task<Ok<MessageResponse>> HandleAsync(
        Guid id,
        [Microsoft.AspNetCore.Mvc.FromRoute(Name = "call_id")] string callId,
        DecideToolCallBody body,
        IMediator mediator,
        CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(
            new DecideToolCallCommand(id, callId, body.Approve, body.ArgumentsHash), cancellationToken));
}

/// <summary>The decision; with the hash that the client was shown, it holds for those arguments alone.</summary>
internal sealed record DecideToolCallBody(bool Approve, string? ArgumentsHash = null);

internal sealed record DecideToolCallCommand(Guid MessageId, string CallId, bool Approve, string? ArgumentsHash)
    : ICommand<MessageResponse>;

internal sealed class DecideToolCallValidator : AbstractValidator<DecideToolCallCommand>
{
    public DecideToolCallValidator()
    {
        RuleFor(command => command.CallId).NotEmpty().MaximumLength(200);
        RuleFor(command => command.ArgumentsHash).MaximumLength(64);
    }
}

internal sealed class DecideToolCallHandler(ChatDbContext db, TimeProvider clock) : IRequestHandler<DecideToolCallCommand, MessageResponse>
{
    public async Task<MessageResponse> Handle(DecideToolCallCommand request, CancellationToken cancellationToken)
    {
        var message = await db.LockMessageAsync(request.MessageId, cancellationToken)
            ?? throw new NotFoundException("chat_message_not_found", "There is no such message.");
        message.Decide(request.CallId, request.Approve, request.ArgumentsHash, clock.GetUtcNow());
        return MessageResponse.From(message, db.VersionOf(message));
    }
}
