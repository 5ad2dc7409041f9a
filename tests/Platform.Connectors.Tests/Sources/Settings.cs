using System.Text.Json;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.Types;

namespace Platform.Connectors.Tests.Sources;

/// <summary>Settings and queries in few words.</summary>
internal static class Settings
{
    public static readonly Guid Owner = new("01900000-0000-7000-8000-000000000001");

    public static ConnectorSettings Of(object config, object? credentials = null, Guid? owner = null) => new(
        owner ?? Owner,
        new Guid("01900000-0000-7000-8000-000000000002"),
        JsonSerializer.SerializeToElement(config),
        JsonSerializer.SerializeToElement(credentials ?? new { }).EnumerateObject()
            .ToDictionary(member => member.Name, member => member.Value.GetString()!, StringComparer.Ordinal));

    public static ConnectorQuery Query(
        string text, object? parameters = null, int maxRows = 1000, int maxBytes = 10_000_000, double seconds = 30) => new(
        text,
        parameters is null ? default : JsonSerializer.SerializeToElement(parameters),
        new QueryLimits(maxRows, maxBytes, TimeSpan.FromSeconds(seconds)));

    public static string Json(this QueryResult result) => result.Rows.GetRawText();

    public static string Types(this QueryResult result) => string.Join(' ', result.Columns.Select(column => column.Type));
}
