using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Platform.Workflows.Steps;

/// <summary>Fails, with a code and a message of the author's.</summary>
internal sealed partial class FailStep : IStepType
{
    private const int MaxMessageLength = 1000;

    public string Type => "fail";

    public string Title => "Fail";

    public bool IsPure => true;

    public IReadOnlyList<StepMember> Members { get; } =
    [
        new("message", "string", "Why, for people.", IsRequired: true),
        new("code", "string", "Why, for programs: small letters, digits and _; failed if left out."),
    ];

    public JsonObject Example => new() { ["code"] = "amount_too_large", ["message"] = "{{ input.amount }} is more than may be paid out." };

    public Task<StepResult> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        var (code, message) = (context.Text("code") ?? "failed", context.Text("message") ?? "");
        return Task.FromResult<StepResult>(
            Code().IsMatch(code)
                ? new StepResult.Failed(code, message.Length > MaxMessageLength ? message[..MaxMessageLength] : message)
                : new StepResult.Failed("step_input_invalid", "The code is small letters, digits and _, at most 60."));
    }

    [GeneratedRegex("^[a-z][a-z0-9_]{0,59}$")]
    private static partial Regex Code();
}
