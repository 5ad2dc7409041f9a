using System.Text.Json.Nodes;

namespace Platform.Workflows.Steps;

/// <summary>Gives the evaluated value.</summary>
internal sealed class TransformStep : IStepType
{
    public string Type => "transform";

    public string Title => "Transform";

    public bool IsPure => true;

    public IReadOnlyList<StepMember> Members { get; } = [new("value", "any", "The value that the step gives.", IsRequired: true)];

    public JsonObject Example => new() { ["value"] = "{{ steps.load.output.rows.map(row => row[0]) }}" };

    public Task<StepResult> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        Task.FromResult<StepResult>(new StepResult.Completed(context.With["value"]?.DeepClone()));
}

/// <summary>Says whether something holds; later steps ask for it in <c>when</c>.</summary>
internal sealed class ConditionStep : IStepType
{
    public string Type => "condition";

    public string Title => "Condition";

    public bool IsPure => true;

    public IReadOnlyList<StepMember> Members { get; } = [new("if", "boolean", "What must hold.", IsRequired: true)];

    public JsonObject Example => new() { ["if"] = "{{ steps.load.output.row_count > 0 }}" };

    public Task<StepResult> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        Task.FromResult<StepResult>(new StepResult.Completed(new JsonObject { ["value"] = Truth.Of(context.With["if"]) }));
}

/// <summary>What counts as true: as in ECMAScript, but an empty text, zero, null and false alone are not.</summary>
internal static class Truth
{
    public static bool Of(JsonNode? value) => value?.GetValueKind() switch
    {
        null or System.Text.Json.JsonValueKind.Null or System.Text.Json.JsonValueKind.False => false,
        System.Text.Json.JsonValueKind.String => value.GetValue<string>().Length > 0,
        System.Text.Json.JsonValueKind.Number => value.ToJsonString() is not ("0" or "-0" or "0.0"),
        _ => true,
    };
}
