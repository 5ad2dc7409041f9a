using System.Text.Json;
using System.Text.Json.Nodes;

namespace Platform.SharedKernel.Infrastructure.Json;

/// <summary>JSON merge patch, RFC 7396.</summary>
public static class MergePatch
{
    /// <summary>Applies a patch: members merge, null removes, anything else replaces.</summary>
    /// <param name="target">What stands now.</param>
    /// <param name="patch">The patch.</param>
    /// <returns>The document after the patch.</returns>
    public static JsonElement Apply(JsonElement target, JsonElement patch) =>
        JsonSerializer.SerializeToElement(Merge(ToNode(target), ToNode(patch)), PlatformJson.Options);

    private static JsonNode? ToNode(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => JsonObject.Create(element.Clone()),
        JsonValueKind.Array => JsonArray.Create(element.Clone()),
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        _ => JsonValue.Create(element.Clone()),
    };

    private static JsonNode? Merge(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes)
        {
            return patch?.DeepClone();
        }

        var result = target is JsonObject existing ? (JsonObject)existing.DeepClone() : [];
        foreach (var (name, value) in changes)
        {
            if (value is null)
            {
                result.Remove(name);
            }
            else
            {
                result[name] = Merge(result[name], value);
            }
        }

        return result;
    }
}
