using FluentValidation;
using MediatR;
using Platform.Chat.Domain;
using Platform.Chat.Features;
using Platform.Chat.Persistence;
using Platform.SharedKernel.Messages;

namespace Platform.Chat.Generation;

/// <summary>Stores what a model has just said. Answers the message's parts, or null when the claim is lost.</summary>
internal sealed record AppendTextCommand(Guid MessageId, long Fence, string Text, bool AsNewPart) : ICommand<IReadOnlyList<MessagePart>?>;

internal sealed class AppendTextValidator : AbstractValidator<AppendTextCommand>
{
    public AppendTextValidator()
    {
        RuleFor(command => command.Fence).GreaterThan(0);
        RuleFor(command => command.Text).NotNull().MaximumLength(ChatMessage.MaxContentLength);
    }
}

internal sealed class AppendTextHandler(ChatDbContext db, TimeProvider clock)
    : IRequestHandler<AppendTextCommand, IReadOnlyList<MessagePart>?>
{
    public async Task<IReadOnlyList<MessagePart>?> Handle(AppendTextCommand request, CancellationToken cancellationToken)
    {
        if (await db.LockClaimAsync(request.MessageId, request.Fence, cancellationToken) is not { } message)
        {
            return null;
        }

        var part = message.AppendText(request.Text, request.AsNewPart, clock.GetUtcNow());
        db.Append(message.Topic, message.UserId, MessageEvents.TextDelta, new TextDelta(part, request.Text));
        return message.ReadParts();
    }
}
