using System.Text.Json;
using Platform.SharedKernel.Errors;

namespace Platform.Dashboards.Domain;

/// <summary>How a viewer's values meet the parameters that a query and its dashboard declare.</summary>
internal static class ViewerParameters
{
    /// <summary>The parameters of a dashboard: <c>config.parameters</c>, an array of objects with a name, or an object by name.</summary>
    public static IReadOnlySet<string> NamesOf(JsonElement config)
    {
        if (config.ValueKind != JsonValueKind.Object || !config.TryGetProperty("parameters", out var parameters))
        {
            return new HashSet<string>();
        }

        return parameters.ValueKind switch
        {
            JsonValueKind.Object => parameters.EnumerateObject().Select(member => member.Name).ToHashSet(),
            JsonValueKind.Array => parameters.EnumerateArray()
                .Where(item => item.ValueKind == JsonValueKind.Object && item.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String)
                .Select(item => item.GetProperty("name").GetString()!)
                .ToHashSet(),
            _ => new HashSet<string>(),
        };
    }

    /// <summary>
    /// The query's parameters with the viewer's values in place of its defaults. A value for a parameter of the dashboard that this query does
    /// not use is passed over; one that nobody declares is refused.
    /// </summary>
    public static JsonElement? Apply(JsonElement? declared, IReadOnlySet<string> dashboardNames, JsonElement? values)
    {
        if (values is not { ValueKind: JsonValueKind.Object } given)
        {
            return declared;
        }

        var result = declared is { ValueKind: JsonValueKind.Object } defaults
            ? defaults.EnumerateObject().ToDictionary(member => member.Name, member => member.Value)
            : [];
        foreach (var member in given.EnumerateObject())
        {
            var known = result.ContainsKey(member.Name);
            RuleViolationException.ThrowIf(
                !known && !dashboardNames.Contains(member.Name), "parameter_unknown", $"$.parameters.{member.Name}", "There is no such parameter.");
            if (known)
            {
                result[member.Name] = member.Value;
            }
        }

        return JsonSerializer.SerializeToElement(result);
    }
}
