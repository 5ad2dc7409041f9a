using System.Text.Json;
using System.Text.RegularExpressions;

namespace Platform.Dashboards.Domain.Parameters;

/// <summary>What is wrong with the parameters that a config declares.</summary>
internal static partial class ParameterFaults
{
    private const int MaxParameters = 50;
    private const int MaxOptions = 1000;
    private const int MaxQueryLength = 50_000;

    /// <summary>The faults: the path below the config, and a sentence.</summary>
    public static IEnumerable<(string Path, string Message)> Of(JsonElement config)
    {
        if (ParameterDefinitions.MemberOf(config, "parameters") is { ValueKind: not (JsonValueKind.Array or JsonValueKind.Object) })
        {
            return [("parameters", "Must be an array of objects with a name, or an object by name.")];
        }

        var entries = ParameterDefinitions.Entries(config).ToList();
        if (entries.Count > MaxParameters)
        {
            return [("parameters", $"A dashboard has at most {MaxParameters} parameters.")];
        }

        var definitions = ParameterDefinitions.Read(config).ToDictionary(definition => definition.Name);
        return entries.SelectMany((entry, index) => FaultsOf(entry, entries.Take(index).Select(other => other.Name), definitions));
    }

    private static IEnumerable<(string Path, string Message)> FaultsOf(
        (string Path, string? Name, JsonElement Body) entry, IEnumerable<string?> before, Dictionary<string, ParameterDefinition> definitions)
    {
        if (entry.Name is null || !NameForm().IsMatch(entry.Name))
        {
            return [($"{entry.Path}.name", "A name is 1 to 60 letters, digits and underscores, and begins with no digit.")];
        }

        if (before.Contains(entry.Name))
        {
            return [($"{entry.Path}.name", "Another parameter has this name.")];
        }

        var definition = definitions[entry.Name];
        return ShapeFaults(entry.Path, entry.Body, definition)
            .Concat(DependencyFaults(entry.Path, definition, definitions))
            .Concat(DefaultFaults(entry.Path, definition));
    }

    private static IEnumerable<(string Path, string Message)> ShapeFaults(string path, JsonElement body, ParameterDefinition definition)
    {
        if (ParameterDefinitions.MemberOf(body, "type") is not null && (definition.Type is null || !ParameterTypes.All.Contains(definition.Type)))
        {
            yield return ($"{path}.type", $"Must be one of {string.Join(", ", ParameterTypes.All)}.");
        }

        if (definition.Type == ParameterTypes.Enumeration && definition.Options.Count is 0 or > MaxOptions)
        {
            yield return ($"{path}.options", $"An enum has 1 to {MaxOptions} options.");
        }

        if (definition.Options.Any(option => option.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.Null))
        {
            yield return ($"{path}.options", "An option's value is a text, a number or a boolean.");
        }

        if (definition.Type == ParameterTypes.List && (definition.Query is not { Query.Length: > 0 and <= MaxQueryLength, Source: "live" or "dataset" }))
        {
            yield return ($"{path}.query", "A list needs a query: {connector_id, query, source: live|dataset}.");
        }
    }

    private static IEnumerable<(string Path, string Message)> DependencyFaults(
        string path, ParameterDefinition definition, Dictionary<string, ParameterDefinition> definitions)
    {
        if (definition.DependsOn.Any(name => !definitions.ContainsKey(name)))
        {
            return [($"{path}.depends_on", "There is no such parameter.")];
        }

        var reached = new HashSet<string>();
        var open = new Stack<string>(definition.DependsOn);
        while (open.TryPop(out var name))
        {
            if (reached.Add(name))
            {
                definitions.GetValueOrDefault(name)?.DependsOn.ToList().ForEach(open.Push);
            }
        }

        return reached.Contains(definition.Name) ? [($"{path}.depends_on", "A parameter cannot depend on itself, nor in a circle.")] : [];
    }

    private static IEnumerable<(string Path, string Message)> DefaultFaults(string path, ParameterDefinition definition) =>
        definition.Default is { } value && ParameterValue.FaultOf(definition, value) is { } fault ? [($"{path}.default{fault.Path}", fault.Message)] : [];

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]{0,59}$", RegexOptions.CultureInvariant)]
    private static partial Regex NameForm();
}
