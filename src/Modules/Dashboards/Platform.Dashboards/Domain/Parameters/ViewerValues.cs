using System.Text.Json;
using System.Text.RegularExpressions;
using Platform.SharedKernel.Errors;

namespace Platform.Dashboards.Domain.Parameters;

/// <summary>
/// The values that hold for one look at a dashboard: the viewer's, where they fit what the dashboard declares, and its defaults. A query gets
/// those that it names; they are bound, never spliced.
/// </summary>
internal sealed class ViewerValues
{
    private readonly Dictionary<string, JsonElement> _given;
    private readonly Dictionary<string, JsonElement> _bound;

    private ViewerValues(Dictionary<string, JsonElement> given, Dictionary<string, JsonElement> bound) => (_given, _bound) = (given, bound);

    /// <summary>Checks what a viewer sent. Throws a rule violation that names every value that does not fit.</summary>
    /// <param name="definitions">What the dashboard declares.</param>
    /// <param name="queryNames">The names that its queries declare themselves.</param>
    /// <param name="given">What the viewer sent: an object, or nothing.</param>
    /// <param name="locked">Values of a share link that a visitor cannot change.</param>
    /// <param name="today">The day that relative dates count from, in UTC.</param>
    public static ViewerValues Check(
        IReadOnlyList<ParameterDefinition> definitions, IReadOnlySet<string> queryNames, JsonElement? given, JsonElement? locked, DateOnly today)
    {
        var values = MembersOf(given);
        var fixedValues = MembersOf(locked);
        foreach (var (name, value) in values)
        {
            RuleViolationException.ThrowIf(
                !queryNames.Contains(name) && definitions.All(definition => definition.Name != name),
                "parameter_unknown", $"$.parameters.{name}", "There is no such parameter.");
            RuleViolationException.ThrowIf(
                fixedValues.TryGetValue(name, out var required) && !JsonElement.DeepEquals(required, value),
                "parameter_locked", $"$.parameters.{name}", "The link does not let this value be changed.");
        }

        foreach (var (name, value) in fixedValues)
        {
            values[name] = value;
        }

        var faults = definitions.Select(definition => FaultOf(definition, values)).OfType<(string Path, string Message)>()
            .ToDictionary(fault => fault.Path, fault => new[] { fault.Message });
        if (faults.Count > 0)
        {
            throw new RuleViolationException("parameter_invalid", "A value does not fit its parameter; see errors.", faults);
        }

        var bound = definitions
            .SelectMany(definition => ParameterValue.Bind(
                definition, values.TryGetValue(definition.Name, out var value) ? value : definition.Default, today)
                .Select(item => (item.Name, item.Value, IsChosen: values.ContainsKey(definition.Name) || definition.Default is not null)))
            .GroupBy(item => item.Name)
            .ToDictionary(group => group.Key, group => group.First());
        return new ViewerValues(
            values.Where(value => definitions.All(definition => definition.Name != value.Key)).ToDictionary()
                .Concat(bound.Values.Where(item => item.IsChosen).Select(item => KeyValuePair.Create(item.Name, item.Value))).ToDictionary(),
            bound.ToDictionary(item => item.Key, item => item.Value.Value));
    }

    /// <summary>Checks the values that a share link fixes, as <see cref="Check"/> checks a viewer's.</summary>
    public static void CheckLocked(
        IReadOnlyList<ParameterDefinition> definitions, IReadOnlySet<string> queryNames, JsonElement? locked, DateOnly today)
    {
        try
        {
            // Another required value may be the visitor's to give.
            var given = MembersOf(locked);
            Check([.. definitions.Select(definition => definition with { IsRequired = definition.IsRequired && given.ContainsKey(definition.Name) })],
                queryNames, locked, null, today);
        }
        catch (RuleViolationException exception)
        {
            throw new RuleViolationException(exception.Code, exception.Message, exception.Errors.ToDictionary(
                error => error.Key.Replace("$.parameters", "$.locked_parameters", StringComparison.Ordinal), error => error.Value));
        }
    }

    /// <summary>What is bound to a query: what it declares itself, and what it names of the dashboard's parameters.</summary>
    public JsonElement? For(string query, JsonElement? declared)
    {
        var result = MembersOf(declared);
        foreach (var (name, value) in _bound)
        {
            if (!result.ContainsKey(name) && Regex.IsMatch(query, $@"\b{Regex.Escape(name)}\b", RegexOptions.CultureInvariant))
            {
                result[name] = value;
            }
        }

        foreach (var name in result.Keys.ToList())
        {
            if (_given.TryGetValue(name, out var value))
            {
                result[name] = value;
            }
        }

        return result.Count == 0 ? declared : JsonSerializer.SerializeToElement(new SortedDictionary<string, JsonElement>(result, StringComparer.Ordinal));
    }

    private static (string Path, string Message)? FaultOf(ParameterDefinition definition, Dictionary<string, JsonElement> values)
    {
        var path = $"$.parameters.{definition.Name}";
        if (values.TryGetValue(definition.Name, out var value) && ParameterValue.FaultOf(definition, value) is { } fault)
        {
            return ($"{path}{fault.Path}", fault.Message);
        }

        var chosen = values.TryGetValue(definition.Name, out value) ? value : definition.Default;
        return definition.IsRequired && (chosen is null || chosen.Value.ValueKind == JsonValueKind.Null)
            ? (path, "There has to be a value.")
            : null;
    }

    private static Dictionary<string, JsonElement> MembersOf(JsonElement? document) =>
        document is { ValueKind: JsonValueKind.Object } members ? members.EnumerateObject().ToDictionary(member => member.Name, member => member.Value) : [];
}
