using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Platform.Workflows.Steps;

/// <summary>A kind of step: what it takes, an example, and what it does.</summary>
internal interface IStepType
{
    /// <summary>Its name in definitions.</summary>
    string Type { get; }

    /// <summary>Its name for people.</summary>
    string Title { get; }

    /// <summary>Whether it has no effect outside, so that a start need not be recorded: it can be computed again.</summary>
    bool IsPure { get; }

    /// <summary>Whether it only reads with this input: it may then be done where nothing is to change.</summary>
    bool OnlyReads(StepContext context) => IsPure;

    /// <summary>The members of <c>with</c>.</summary>
    IReadOnlyList<StepMember> Members { get; }

    /// <summary>An example of <c>with</c>.</summary>
    JsonObject Example { get; }

    /// <summary>Does it once. Everything outside gets the context's idempotency key.</summary>
    Task<StepResult> ExecuteAsync(StepContext context, CancellationToken cancellationToken);
}

/// <summary>A member of a step's <c>with</c>. Its value may always be an expression.</summary>
internal sealed record StepMember(string Name, string JsonType, string Description, bool IsRequired = false);

/// <summary>What a step sees when it runs.</summary>
/// <param name="With">Its input, with expressions evaluated.</param>
/// <param name="Run">The execution that it is a step of.</param>
/// <param name="Key">Its key.</param>
/// <param name="Item">Which item of <c>for_each</c>, or null.</param>
/// <param name="Services">A scope whose caller is the workflow's owner.</param>
/// <param name="WaitedFor">The signal that it waited for before it was done again; null the first time.</param>
internal sealed record StepContext(
    JsonObject With, StepRun Run, string Key, int? Item, IServiceProvider Services, string? WaitedFor = null)
{
    public Guid ExecutionId => Run.ExecutionId;

    /// <summary>The step and its item, as one name.</summary>
    public string Place => Item is { } item ? $"{Key}:{item}" : Key;

    /// <summary>The same whenever this step of this execution is tried again.</summary>
    public string IdempotencyKey => $"{Run.ExecutionId}:{Place}";

    /// <summary>The idempotency key as an id, for whatever takes ids.</summary>
    public Guid IdempotencyId => new(SHA256.HashData(Encoding.UTF8.GetBytes(IdempotencyKey)).AsSpan(0, 16));

    public string? Text(string member) =>
        With[member] is JsonValue value && value.TryGetValue<string>(out var text) ? text : With[member]?.ToJsonString();
}

/// <summary>The execution that a step belongs to.</summary>
/// <param name="ExecutionId">The execution.</param>
/// <param name="WorkflowId">Its workflow.</param>
/// <param name="UserId">The workflow's owner.</param>
/// <param name="Depth">How many executions are above it.</param>
/// <param name="Now">The time.</param>
internal sealed record StepRun(Guid ExecutionId, Guid WorkflowId, Guid UserId, int Depth, DateTimeOffset Now);

/// <summary>How a step ended, or what it waits for.</summary>
internal abstract record StepResult
{
    /// <summary>It gave a value.</summary>
    internal sealed record Completed(JsonNode? Output) : StepResult;

    /// <summary>It failed; trying again may or may not help.</summary>
    internal sealed record Failed(string Code, string Message, bool IsRetryable = false, TimeSpan? RetryAfter = null) : StepResult;

    /// <summary>A wait is over, and the step is to be done again to see what came of it.</summary>
    internal sealed record Again : StepResult;

    /// <summary>It waits: until a time, for a signal, or for whichever comes first. The step is an <see cref="IWaitingStepType"/>.</summary>
    internal sealed record Waiting(DateTimeOffset? Until, string? Signal = null) : StepResult;
}

/// <summary>A kind of step that can wait. While it does it costs a row and nothing else.</summary>
internal interface IWaitingStepType : IStepType
{
    /// <summary>What comes of the wait.</summary>
    /// <param name="context">What the step saw when it began.</param>
    /// <param name="wake">What ended the wait.</param>
    StepResult Resume(StepContext context, WakeUp wake);
}

/// <summary>What ended a wait.</summary>
/// <param name="IsSignal">Whether the signal came; else the time is over.</param>
/// <param name="Payload">What the signal brought.</param>
internal sealed record WakeUp(bool IsSignal, JsonNode? Payload = null);
