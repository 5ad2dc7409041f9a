using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Platform.Chat.Features.Messages;
using Platform.Chat.Generation;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Jobs;

namespace Platform.Chat.Jobs;

/// <summary>Generates answers. The row of the assistant's message is the queue.</summary>
internal sealed class ChatPump(IOptions<ChatOptions> options, ILogger<ChatPump> logger) : IPump
{
    public string Queue => "chat";

    public string Table => "chat.chat_messages";

    public string Claimable => "t.role = 'assistant' and t.status in ('queued', 'streaming')";

    public int Concurrency => options.Value.Concurrency;

    // Somebody waits in front of a screen: better an error soon than an answer much later.
    public int MaxAttempts => 4;

    public async Task RunAsync(IServiceProvider services, PumpLease lease, CancellationToken cancellationToken)
    {
        try
        {
            await services.GetRequiredService<GenerationRun>().RunAsync(lease, cancellationToken);
        }
        catch (NotFoundException)
        {
            // Deleted with its session while it was written: nobody waits for it.
        }
    }

    public async Task BuryAsync(IServiceProvider services, PumpLease lease, string reason, CancellationToken cancellationToken)
    {
        logger.MessageGivenUp(lease.Id, lease.Attempt);
        var mediator = services.GetRequiredService<IMediator>();
        try
        {
            var message = await mediator.Send(new GetMessageQuery(lease.Id), cancellationToken);
            await mediator.Send(
                new FailGenerationCommand(
                    lease.Id, lease.Fence, message.SessionId, "generation_failed", "The answer could not be finished. Ask again."),
                cancellationToken);
        }
        catch (NotFoundException)
        {
            // As above.
        }
    }
}
