using System.Text.Json;
using System.Text.RegularExpressions;

namespace Platform.SharedKernel.Infrastructure.Http;

/// <summary>Where in a body, in the client's words.</summary>
internal static partial class JsonPaths
{
    /// <summary><c>Body.Widgets[0].PositionX</c> as <c>$.widgets[0].position_x</c>: the members that hold the body and an optional are ours.</summary>
    public static string FromProperty(string property) =>
        property.Length == 0
            ? "$"
            : "$." + string.Join('.', property.Split('.').Where(segment => segment is not ("Body" or "Value")).Select(ToSnakeCase));

    /// <summary>The serializer's path, or the root.</summary>
    public static string Normalize(string? path) => string.IsNullOrEmpty(path) ? "$" : path;

    /// <summary>The parameter that could not be bound, of a message of the framework.</summary>
    public static string? FromBindingMessage(string message) =>
        BindingMessage().Match(message) is { Success: true } match ? "$." + ToSnakeCase(match.Groups["name"].Value) : null;

    /// <summary>The names that the serializer's message lists.</summary>
    public static string MissingMembers(string message) =>
        string.Join(", ", QuotedName().Matches(message).Select(match => match.Groups[1].Value).Where(name => !name.Contains('.', StringComparison.Ordinal)));

    private static string ToSnakeCase(string segment)
    {
        var bracket = segment.IndexOf('[', StringComparison.Ordinal);
        return bracket < 0
            ? JsonNamingPolicy.SnakeCaseLower.ConvertName(segment)
            : JsonNamingPolicy.SnakeCaseLower.ConvertName(segment[..bracket]) + segment[bracket..];
    }

    [GeneratedRegex("""Failed to bind parameter "[^"]*?\s(?<name>\w+)" from""")]
    private static partial Regex BindingMessage();

    [GeneratedRegex("'([^']+)'")]
    private static partial Regex QuotedName();
}
