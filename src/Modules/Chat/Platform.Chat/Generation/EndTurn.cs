using FluentValidation;
using MediatR;
using Platform.Chat.Domain;
using Platform.Chat.Features;
using Platform.Chat.Persistence;
using Platform.SharedKernel.Messages;

namespace Platform.Chat.Generation;

/// <summary>Stores the calls that a model ends its turn with, and what the turn has cost. Without calls the message is complete.</summary>
internal sealed record EndTurnCommand(Guid MessageId, long Fence, Guid SessionId, IReadOnlyList<MessagePart> Calls, TokenUsage Usage)
    : ICommand<IReadOnlyList<MessagePart>?>;

internal sealed class EndTurnValidator : AbstractValidator<EndTurnCommand>
{
    public EndTurnValidator()
    {
        RuleFor(command => command.Fence).GreaterThan(0);
        RuleForEach(command => command.Calls).Must(call => call is { Type: MessagePart.ToolCallType, CallId: not null, Name: not null });
    }
}

internal sealed class EndTurnHandler(ChatDbContext db, TimeProvider clock) : IRequestHandler<EndTurnCommand, IReadOnlyList<MessagePart>?>
{
    public async Task<IReadOnlyList<MessagePart>?> Handle(EndTurnCommand request, CancellationToken cancellationToken)
    {
        var ends = request.Calls.Count == 0;
        var session = ends ? await db.LockSessionAsync(request.SessionId, cancellationToken) : null;
        if (await db.LockClaimAsync(request.MessageId, request.Fence, cancellationToken) is not { } message)
        {
            return null;
        }

        var now = clock.GetUtcNow();
        message.Charge(request.Usage.InputTokens, request.Usage.OutputTokens);
        if (session is null)
        {
            message.Add(request.Calls, now);
            foreach (var call in request.Calls)
            {
                db.Append(
                    message.Topic, message.UserId, MessageEvents.ToolCall, new ToolCalled(call.CallId!, call.Name!, call.Arguments!.Value));
            }

            return message.ReadParts();
        }

        message.Complete(now);
        session.Show(message, now);
        db.Append(message.Topic, message.UserId, MessageEvents.Usage, message.Usage!.Value);
        db.Append(message.Topic, message.UserId, MessageEvents.End, new MessageEnded(message.Status), final: true);
        return message.ReadParts();
    }
}
