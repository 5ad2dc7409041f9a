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
/// <param name="ExecutionId">The execution.</param>
/// <param name="IdempotencyKey">The same whenever this step of this execution is tried again.</param>
/// <param name="Services">A scope whose caller is the workflow's owner.</param>
internal sealed record StepContext(JsonObject With, Guid ExecutionId, string IdempotencyKey, IServiceProvider Services)
{
    public string? Text(string member) =>
        With[member] is JsonValue value && value.TryGetValue<string>(out var text) ? text : With[member]?.ToJsonString();
}

/// <summary>How a step ended.</summary>
internal abstract record StepResult
{
    /// <summary>It gave a value.</summary>
    internal sealed record Completed(JsonNode? Output) : StepResult;

    /// <summary>It failed; trying again may or may not help.</summary>
    internal sealed record Failed(string Code, string Message, bool IsRetryable = false, TimeSpan? RetryAfter = null) : StepResult;
}
