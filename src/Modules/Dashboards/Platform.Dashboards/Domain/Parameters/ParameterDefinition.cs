using System.Text.Json;

namespace Platform.Dashboards.Domain.Parameters;

/// <summary>A parameter that a dashboard declares in <c>config.parameters</c>.</summary>
/// <param name="Name">As queries write it: <c>:name</c> or <c>{{name}}</c>. A date range is <c>name_from</c> and <c>name_to</c>.</param>
/// <param name="Type">One of <see cref="ParameterTypes"/>, or null where the dashboard says nothing: any value that is no object.</param>
/// <param name="Default">The value where a viewer gives none, or null.</param>
/// <param name="IsRequired">Whether there has to be a value.</param>
/// <param name="Options">Of an enum: what may be chosen.</param>
/// <param name="Query">Of a list: where its options come from.</param>
/// <param name="DependsOn">Parameters whose values the list's query gets.</param>
internal sealed record ParameterDefinition(
    string Name,
    string? Type,
    JsonElement? Default,
    bool IsRequired,
    IReadOnlyList<ParameterOption> Options,
    ParameterQuery? Query,
    IReadOnlyList<string> DependsOn);

/// <summary>A value to choose, and how it is shown.</summary>
internal sealed record ParameterOption(JsonElement Value, string Label);

/// <summary>The query of a list's options: its first column holds the values, a second one the labels.</summary>
internal sealed record ParameterQuery(Guid ConnectorId, string Query, string Source);

/// <summary>The types of parameters.</summary>
internal static class ParameterTypes
{
    public const string Text = "text";
    public const string Number = "number";
    public const string Boolean = "boolean";
    public const string Date = "date";
    public const string DateRange = "date_range";
    public const string Enumeration = "enum";
    public const string List = "list";

    public static readonly IReadOnlyList<string> All = [Text, Number, Boolean, Date, DateRange, Enumeration, List];
}
