using System.Text.Json;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Json;

namespace Platform.Dashboards.Features.Widgets;

/// <summary>Reads a widget's query from its column, or from a patch that was merged into it.</summary>
internal static class StoredQuery
{
    public static DataQuery Read(JsonElement document)
    {
        try
        {
            return document.Deserialize<DataQuery>(PlatformJson.Options)!;
        }
        catch (JsonException exception)
        {
            throw new RuleViolationException(
                "data_query_invalid",
                "The query needs text in 'query', and may have 'parameters' and 'source'.",
                new Dictionary<string, string[]> { [$"$.data_query{exception.Path?[1..]}"] = ["The value does not fit."] });
        }
    }
}
