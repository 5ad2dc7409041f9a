using System.Text.Json;
using FluentValidation;
using Platform.Dashboards.Domain.Parameters;

namespace Platform.Dashboards.Features;

/// <summary>The rule for members whose shape is the client's own.</summary>
internal static class DocumentRule
{
    private const int MaxBytes = 200 * 1024;

    public static void Document<T>(this IRuleBuilder<T, JsonElement?> rule) =>
        rule.Must(document => document is not { ValueKind: not JsonValueKind.Object }).WithMessage("'{PropertyName}' must be an object.")
            .Must(document => document is null || document.Value.GetRawText().Length <= MaxBytes)
            .WithMessage("'{PropertyName}' is too large.")
            .Must(document => document is null || IsUnicode(document.Value))
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

    // JSON can write halves of surrogate pairs, which are no text anywhere else.
    private static bool IsUnicode(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => CanRead(() => value.GetString()),
        JsonValueKind.Array => value.EnumerateArray().All(IsUnicode),
        JsonValueKind.Object => value.EnumerateObject().All(member => CanRead(() => member.Name) && IsUnicode(member.Value)),
        _ => true,
    };

    private static bool CanRead(Func<string?> read)
    {
        try
        {
            read();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
