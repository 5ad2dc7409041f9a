using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;
using Platform.Chat.Domain;
using Platform.Chat.Tools;
using Platform.SharedKernel.Errors;

namespace Platform.Chat.Generation;

/// <summary>Runs a model's tool calls as the person whose message it is. A refusal is a result like any other.</summary>
internal sealed class ToolRunner(IMediator mediator, ChatTools tools, ILogger<ToolRunner> logger)
{
    /// <summary>Whether a person must decide first.</summary>
    public bool MustWait(MessagePart call) =>
        tools.Find(call.Name!) is { NeedsApproval: true } && call.Approval is null or { Status: Approval.Pending };

    public async Task<(MessagePart Result, MessagePart? Artifact)> RunAsync(
        Guid messageId, GenerationState state, MessagePart call, CancellationToken cancellationToken)
    {
        if (tools.Find(call.Name!) is not { } tool)
        {
            return (Refused(call, "tool_unknown", $"There is no tool '{call.Name}'."), null);
        }

        if (tool.NeedsApproval && Withheld(call) is { } withheld)
        {
            return (withheld, null);
        }

        try
        {
            var context = new ToolContext(mediator, state.SessionId, messageId, call.CallId!, LastResult(state));
            var outcome = await tool.RunAsync(context, call.Arguments!.Value, cancellationToken);
            logger.ToolRun(call.Name!, messageId);
            return (Succeeded(call, outcome), Artifact(outcome));
        }
        catch (PlatformException refusal)
        {
            return (Refused(call, refusal.Code, refusal.Message), null);
        }
        catch (DbUpdateException exception) when (exception.InnerException is PostgresException
        {
            SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: { } constraint,
        })
        {
            // A name that is taken; or the call's own key, where a crash came between its effect and its result.
            return (Refused(call, constraint, "It exists already, so nothing was done now."), null);
        }
        catch (ValidationException invalid)
        {
            var faults = string.Join(' ', invalid.Errors.Select(failure => failure.ErrorMessage).Distinct());
            return (Refused(call, "validation_failed", faults), null);
        }
    }

    // What was approved is this tool with these arguments, nothing else.
    private static MessagePart? Withheld(MessagePart call) => call.Approval switch
    {
        { Status: Approval.Approved } approval when approval.ArgumentsHash == call.ArgumentsHash() => null,
        { Status: Approval.Refused } => Refused(call, "tool_call_refused", "You have refused it, so it was not done."),
        _ => Refused(call, "approval_stale", "The approval was given for other arguments, so it was not done."),
    };

    private static JsonElement? LastResult(GenerationState state) =>
        state.History.SelectMany(past => past.Parts).Concat(state.Parts)
            .LastOrDefault(part => part is { Type: MessagePart.ToolResultType, Name: RunQueryTool.ToolName, Ok: true })?.Data;

    private static MessagePart Succeeded(MessagePart call, ToolOutcome outcome) => new(MessagePart.ToolResultType)
    {
        CallId = call.CallId,
        Name = call.Name,
        Ok = true,
        Text = StorableJson.Text(outcome.Text),
        Data = StorableJson.Document(outcome.Data),
    };

    private static MessagePart Refused(MessagePart call, string code, string reason) => new(MessagePart.ToolResultType)
    {
        CallId = call.CallId,
        Name = call.Name,
        Ok = false,
        Code = code,
        Text = StorableJson.Text(reason),
    };

    private static MessagePart? Artifact(ToolOutcome outcome) => outcome.Artifact is { } made
        ? new MessagePart(MessagePart.ArtifactType) { ArtifactId = made.Id, Kind = made.Type, Name = made.Name }
        : null;
}
