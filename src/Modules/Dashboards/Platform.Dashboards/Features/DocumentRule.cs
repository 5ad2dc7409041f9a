using System.Text.Json;
using FluentValidation;
using Platform.Dashboards.Domain.Parameters;
using Platform.SharedKernel.Json;

namespace Platform.Dashboards.Features;

/// <summary>The rule for members whose shape is the client's own.</summary>
internal static class DocumentRule
{
    private const int MaxBytes = 200 * 1024;

    public static void Document<T>(this IRuleBuilder<T, JsonElement?> rule) =>
        rule.Must(document => document is not { ValueKind: not JsonValueKind.Object }).WithMessage("'{PropertyName}' must be an object.")
            .Must(document => document is null || document.Value.GetRawText().Length <= MaxBytes)
            .WithMessage("'{PropertyName}' is too large.")
            .Must(UnicodeJson.IsUnicode)
            .WithMessage("'{PropertyName}' holds half of a surrogate pair.");

    /// <summary>The rule for a dashboard's config: the client's own, but for the parameters that it declares.</summary>
    public static void DashboardConfig<T>(this IRuleBuilderInitial<T, JsonElement?> rule) =>
        rule.Custom((config, context) =>
        {
            foreach (var (path, message) in config is { ValueKind: JsonValueKind.Object } document ? ParameterFaults.Of(document) : [])
            {
                context.AddFailure($"{context.PropertyPath}.{path}", message);
            }
        });
}
