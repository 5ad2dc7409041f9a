using System.Text.Json.Nodes;

namespace Platform.LocalSupabase.Auth.Users;

/// <summary>Metadata merges at the top level only; a key set to null is removed.</summary>
internal static class Metadata
{
    public static JsonObject Merge(JsonObject current, JsonObject? changes)
    {
        var merged = (JsonObject)current.DeepClone();
        foreach (var (key, value) in changes ?? [])
        {
            if (value is null)
            {
                merged.Remove(key);
            }
            else
            {
                merged[key] = value.DeepClone();
            }
        }

        return merged;
    }
}
