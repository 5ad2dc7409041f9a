using System.Text.Json;

namespace Platform.Workflows.Definitions;

/// <summary>A member of a definition that differs.</summary>
/// <param name="Path">Where.</param>
/// <param name="Kind"><c>added</c>, <c>removed</c> or <c>changed</c>.</param>
/// <param name="Before">What it was; null where it was not.</param>
/// <param name="After">What it is; null where it is not.</param>
internal sealed record DefinitionChange(string Path, string Kind, JsonElement? Before, JsonElement? After);

/// <summary>What differs between two definitions: steps are told by their keys, not by their places.</summary>
internal static class DefinitionDiff
{
    /// <summary>The changes that lead from one to the other, by path.</summary>
    public static IReadOnlyList<DefinitionChange> Of(VersionDocument from, VersionDocument to)
    {
        var (before, after) = (MembersOf(from), MembersOf(to));
        return [.. before.Keys.Union(after.Keys).Order(StringComparer.Ordinal)
            .Select(path => ChangeOf(path, Find(before, path), Find(after, path)))
            .OfType<DefinitionChange>()];
    }

    private static DefinitionChange? ChangeOf(string path, JsonElement? before, JsonElement? after) => (before, after) switch
    {
        (null, { } added) => new DefinitionChange(path, "added", null, added),
        ({ } removed, null) => new DefinitionChange(path, "removed", removed, null),
        ({ } old, { } changed) when !JsonElement.DeepEquals(old, changed) => new DefinitionChange(path, "changed", old, changed),
        _ => null,
    };

    private static JsonElement? Find(Dictionary<string, JsonElement> members, string path) =>
        members.TryGetValue(path, out var value) ? value : null;

    private static Dictionary<string, JsonElement> MembersOf(VersionDocument document)
    {
        var members = new Dictionary<string, JsonElement>();
        foreach (var step in document.Steps.EnumerateArray().Where(step => step.ValueKind == JsonValueKind.Object))
        {
            var key = step.TryGetProperty("key", out var given) ? given.ToString() : "";
            foreach (var member in step.EnumerateObject().Where(member => member.Name != "key"))
            {
                members[$"steps.{key}.{member.Name}"] = member.Value;
            }
        }

        foreach (var member in document.Config.EnumerateObject())
        {
            members[$"config.{member.Name}"] = member.Value;
        }

        return members;
    }
}
