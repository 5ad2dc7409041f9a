using FluentValidation;
using MediatR;
using Platform.Chat.Domain;
using Platform.Chat.Features;
using Platform.Chat.Persistence;
using Platform.SharedKernel.Messages;

namespace Platform.Chat.Generation;

/// <summary>Stores what a tool call has given: from now on it is not run again. Answers the parts, or null if the claim is lost.</summary>
internal sealed record RecordToolResultCommand(Guid MessageId, long Fence, MessagePart Result, MessagePart? Artifact)
    : ICommand<IReadOnlyList<MessagePart>?>;

internal sealed class RecordToolResultValidator : AbstractValidator<RecordToolResultCommand>
{
    public RecordToolResultValidator()
    {
        RuleFor(command => command.Fence).GreaterThan(0);
        RuleFor(command => command.Result).Must(result => result is { Type: MessagePart.ToolResultType, CallId: not null });
    }
}

internal sealed class RecordToolResultHandler(ChatDbContext db, TimeProvider clock)
    : IRequestHandler<RecordToolResultCommand, IReadOnlyList<MessagePart>?>
{
    public async Task<IReadOnlyList<MessagePart>?> Handle(RecordToolResultCommand request, CancellationToken cancellationToken)
    {
        if (await db.LockClaimAsync(request.MessageId, request.Fence, cancellationToken) is not { } message)
        {
            return null;
        }

        message.Add(request.Artifact is { } made ? [request.Result, made] : [request.Result], clock.GetUtcNow());
        db.Append(message.Topic, message.UserId, MessageEvents.ToolResult, MessageParts.Write(request.Result));
        if (request.Artifact is { } artifact)
        {
            db.Append(
                message.Topic, message.UserId, MessageEvents.ArtifactCreated,
                new ArtifactCreated(artifact.ArtifactId!.Value, artifact.Kind!, artifact.Name, request.Result.CallId!));
        }

        return message.ReadParts();
    }
}
