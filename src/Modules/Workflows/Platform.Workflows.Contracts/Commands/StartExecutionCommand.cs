using System.Text.Json;
using Platform.SharedKernel.Messages;

namespace Platform.Workflows.Contracts.Commands;

/// <summary>Starts the published version of one of the caller's workflows.</summary>
/// <param name="WorkflowId">The workflow.</param>
/// <param name="Input">What the steps see as <c>input</c>; null for an empty object.</param>
/// <param name="Trigger">What started it: <c>manual</c>, <c>event</c>, <c>cron</c>, <c>webhook</c>.</param>
/// <param name="DedupeKey">The same cause gives the same key, so that one cause runs once; null for none.</param>
public sealed record StartExecutionCommand(Guid WorkflowId, JsonElement? Input = null, string Trigger = "manual", string? DedupeKey = null)
    : ICommand<StartedExecution>;

/// <summary>An execution that is durable from now on.</summary>
/// <param name="Id">The execution.</param>
/// <param name="WorkflowId">Its workflow.</param>
/// <param name="Status">Its state, <c>queued</c>.</param>
public sealed record StartedExecution(Guid Id, Guid WorkflowId, string Status);
