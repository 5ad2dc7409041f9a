using FluentValidation;
using MediatR;
using Platform.Chat.Domain;
using Platform.Chat.Features;
using Platform.Chat.Persistence;
using Platform.SharedKernel.Messages;

namespace Platform.Chat.Generation;

/// <summary>Begins or resumes a claimed message. Answers null when the claim is lost or the message has ended.</summary>
internal sealed record StartGenerationCommand(Guid MessageId, long Fence) : ICommand<GenerationState?>;

/// <summary>What a generation begins with: the answer so far, and the messages before it, oldest first.</summary>
internal sealed record GenerationState(
    Guid SessionId, string Model, IReadOnlyList<MessagePart> Parts, IReadOnlyList<PastMessage> History);

internal sealed record PastMessage(string Role, IReadOnlyList<MessagePart> Parts);

internal sealed class StartGenerationValidator : AbstractValidator<StartGenerationCommand>
{
    public StartGenerationValidator() => RuleFor(command => command.Fence).GreaterThan(0);
}

internal sealed class StartGenerationHandler(ChatDbContext db, TimeProvider clock)
    : IRequestHandler<StartGenerationCommand, GenerationState?>
{
    private const int MaxHistory = 50;

    public async Task<GenerationState?> Handle(StartGenerationCommand request, CancellationToken cancellationToken)
    {
        if (await db.LockClaimAsync(request.MessageId, request.Fence, cancellationToken) is not { } message)
        {
            return null;
        }

        if (message.Status == ChatMessage.Queued)
        {
            message.Start(clock.GetUtcNow());
            db.Append(
                message.Topic, message.UserId, MessageEvents.Start, new MessageStarted(message.Id, message.SessionId, message.Model));
        }

        var branch = await db.ReadBranchAsync(message.Id, MaxHistory, cancellationToken);
        var history = branch.Where(past => past.Id != message.Id)
            .Select(past => new PastMessage(past.Role, past.ReadParts()))
            .ToList();
        return new GenerationState(message.SessionId, message.Model!, message.ReadParts(), history);
    }
}
