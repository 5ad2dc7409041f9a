using FluentValidation;
using MediatR;
using Platform.Chat.Domain;
using Platform.Chat.Features;
using Platform.Chat.Persistence;
using Platform.SharedKernel.Messages;

namespace Platform.Chat.Generation;

/// <summary>Lets a message wait until a person has decided on one of its calls.</summary>
internal sealed record AwaitApprovalCommand(Guid MessageId, long Fence, string CallId) : ICommand;

internal sealed class AwaitApprovalValidator : AbstractValidator<AwaitApprovalCommand>
{
    public AwaitApprovalValidator()
    {
        RuleFor(command => command.Fence).GreaterThan(0);
        RuleFor(command => command.CallId).NotEmpty();
    }
}

internal sealed class AwaitApprovalHandler(ChatDbContext db, TimeProvider clock) : AsyncRequestHandler<AwaitApprovalCommand>
{
    protected override async Task Handle(AwaitApprovalCommand request, CancellationToken cancellationToken)
    {
        if (await db.LockClaimAsync(request.MessageId, request.Fence, cancellationToken) is not { } message
            || !message.AwaitApproval(request.CallId, clock.GetUtcNow()))
        {
            return;
        }

        var call = message.ReadParts().Single(part => part.Type == MessagePart.ToolCallType && part.CallId == request.CallId);
        db.Append(
            message.Topic, message.UserId, MessageEvents.ApprovalRequired,
            new ApprovalRequired(call.CallId!, call.Name!, call.Arguments!.Value, call.Approval!.ArgumentsHash));
    }
}
