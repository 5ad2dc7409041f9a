using FluentValidation;
using MediatR;
using Platform.Chat.Features;
using Platform.Chat.Persistence;
using Platform.SharedKernel.Messages;

namespace Platform.Chat.Generation;

/// <summary>Ends a message that cannot be finished.</summary>
internal sealed record FailGenerationCommand(Guid MessageId, long Fence, Guid SessionId, string Code, string Reason) : ICommand;

internal sealed class FailGenerationValidator : AbstractValidator<FailGenerationCommand>
{
    public FailGenerationValidator()
    {
        RuleFor(command => command.Fence).GreaterThan(0);
        RuleFor(command => command.Code).NotEmpty().MaximumLength(80);
        RuleFor(command => command.Reason).NotEmpty().MaximumLength(2000);
    }
}

internal sealed class FailGenerationHandler(ChatDbContext db, TimeProvider clock) : AsyncRequestHandler<FailGenerationCommand>
{
    protected override async Task Handle(FailGenerationCommand request, CancellationToken cancellationToken)
    {
        var session = await db.LockSessionAsync(request.SessionId, cancellationToken);
        if (await db.LockClaimAsync(request.MessageId, request.Fence, cancellationToken) is not { } message)
        {
            return;
        }

        message.Fail(request.Code, request.Reason, clock.GetUtcNow());
        session.Show(message, clock.GetUtcNow());
        db.Append(message.Topic, message.UserId, MessageEvents.Error, new MessageFailed(request.Code, request.Reason));
        db.Append(message.Topic, message.UserId, MessageEvents.End, new MessageEnded(message.Status), final: true);
    }
}
