using MediatR;
using Microsoft.Extensions.Options;
using Platform.Chat.Domain;
using Platform.Chat.Providers;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Jobs;

namespace Platform.Chat.Generation;

/// <summary>
/// Works a message to its end, or to where it waits for a person: asks the model, runs the tools that it calls, and asks again. Every
/// step is a small command that checks the fence; after a crash it goes on from what is stored.
/// </summary>
internal sealed class GenerationRun(
    IMediator mediator, ChatModels models, TurnReader turns, ToolRunner tools, IOptions<ChatOptions> options)
{
    public async Task RunAsync(PumpLease lease, CancellationToken cancellationToken)
    {
        if (await mediator.Send(new StartGenerationCommand(lease.Id, lease.Fence), cancellationToken) is not { } state)
        {
            return;
        }

        if (models.Find(state.Model) is not { } model)
        {
            await FailAsync(lease, state, "model_unknown", "The model of this message is no longer configured.", cancellationToken);
            return;
        }

        var parts = state.Parts;
        while (parts is not null)
        {
            if (MessageParts.OpenCalls(parts) is { Count: > 0 } calls)
            {
                parts = await AnswerAsync(lease, state with { Parts = parts }, calls[0], cancellationToken);
                continue;
            }

            var free = options.Value.MaxToolCalls - parts.Count(part => part.Type == MessagePart.ToolCallType);
            if (free <= 0)
            {
                await FailAsync(
                    lease, state, "too_many_tool_calls", "The model has called more tools than a message may.", cancellationToken);
                return;
            }

            if (await ReadTurnAsync(lease, model, state with { Parts = parts }, cancellationToken) is not { } turn)
            {
                return;
            }

            parts = await mediator.Send(
                new EndTurnCommand(lease.Id, lease.Fence, state.SessionId, [.. turn.Calls.Take(free)], turn.Usage), cancellationToken);
            if (turn.Calls.Count == 0)
            {
                return;
            }
        }
    }

    // Null ends the run: the claim is lost, or the model will never answer this.
    private async Task<Turn?> ReadTurnAsync(PumpLease lease, ChatModel model, GenerationState state, CancellationToken cancellationToken)
    {
        try
        {
            return await turns.ReadAsync(lease, model.Client, state, cancellationToken);
        }
        catch (RuleViolationException refusal)
        {
            await FailAsync(lease, state, refusal.Code, refusal.Message, cancellationToken);
            return null;
        }
    }

    // Null ends the run: the claim is lost, or the message waits.
    private async Task<IReadOnlyList<MessagePart>?> AnswerAsync(
        PumpLease lease, GenerationState state, MessagePart call, CancellationToken cancellationToken)
    {
        if (tools.MustWait(call))
        {
            await mediator.Send(new AwaitApprovalCommand(lease.Id, lease.Fence, call.CallId!), cancellationToken);
            return null;
        }

        var (result, artifact) = await tools.RunAsync(lease.Id, state, call, cancellationToken);
        return await mediator.Send(new RecordToolResultCommand(lease.Id, lease.Fence, result, artifact), cancellationToken);
    }

    private Task<Unit> FailAsync(PumpLease lease, GenerationState state, string code, string reason, CancellationToken cancellationToken) =>
        mediator.Send(new FailGenerationCommand(lease.Id, lease.Fence, state.SessionId, code, reason), cancellationToken);
}
