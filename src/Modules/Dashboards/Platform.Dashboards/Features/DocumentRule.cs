using System.Text.Json;
using FluentValidation;

namespace Platform.Dashboards.Features;

/// <summary>The rule for members whose shape is the client's own.</summary>
internal static class DocumentRule
{
    private const int MaxBytes = 200 * 1024;

    public static void Document<T>(this IRuleBuilder<T, JsonElement?> rule) =>
        rule.Must(document => document is not { ValueKind: not JsonValueKind.Object }).WithMessage("'{PropertyName}' must be an object.")
            .Must(document => document is null || document.Value.GetRawText().Length <= MaxBytes).WithMessage("'{PropertyName}' is too large.");
}
