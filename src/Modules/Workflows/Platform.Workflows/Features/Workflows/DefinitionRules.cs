using System.Text.Json;
using FluentValidation;
using Platform.SharedKernel.Errors;
using Platform.Workflows.Definitions;

namespace Platform.Workflows.Features.Workflows;

/// <summary>What a draft must be: of the right shape. What it must be to be published is more: without any fault.</summary>
internal static class DefinitionRules
{
    private const int MaxBytes = 800 * 1024;

    public static IRuleBuilderOptions<T, JsonElement?> Steps<T>(this IRuleBuilder<T, JsonElement?> rule) =>
        rule.Must(steps => steps is not { ValueKind: not JsonValueKind.Array }).WithMessage("'Steps' must be a list.")
            .Must(steps => steps is null || steps.Value.GetRawText().Length <= MaxBytes).WithMessage("'Steps' is too large.");

    public static IRuleBuilderOptions<T, JsonElement?> Config<T>(this IRuleBuilder<T, JsonElement?> rule) =>
        rule.Must(config => config is not { ValueKind: not JsonValueKind.Object }).WithMessage("'Config' must be an object.")
            .Must(config => config is null || config.Value.GetRawText().Length <= MaxBytes / 4).WithMessage("'Config' is too large.");

    public static void RequireValid(this DefinitionValidator validator, JsonElement steps, JsonElement config)
    {
        var faults = validator.Validate(steps, config);
        if (faults.Count > 0)
        {
            throw new RuleViolationException(
                "definition_invalid",
                "The definition has faults; see errors.",
                faults.GroupBy(fault => fault.Path).ToDictionary(group => group.Key, group => group.Select(fault => fault.Message).ToArray()));
        }
    }
}
