using FluentValidation;
using Platform.Dashboards.Domain;

namespace Platform.Dashboards.Features.Dashboards;

/// <summary>What tags have to be.</summary>
internal static class TagRule
{
    public static void Tags<T>(this IRuleBuilder<T, IReadOnlyList<string>?> rule) =>
        rule.Must(tags => tags is null || tags.Count <= BoardTags.MaxTags).WithMessage($"At most {BoardTags.MaxTags} tags.")
            .Must(tags => tags is null || tags.All(IsTag)).WithMessage($"A tag has 1 to {BoardTags.MaxLength} characters.");

    private static bool IsTag(string? tag) =>
        tag is not null && BoardTags.Normalize(tag).Length is >= 1 and <= BoardTags.MaxLength && !tag.Any(char.IsControl);
}
