using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Platform.Testing;

namespace Platform.Workflows.Tests;

/// <summary>Publishes and runs workflows as their owner does.</summary>
public abstract class WorkflowTest : PlatformTest
{
    protected static string? StatusOf(JsonElement execution, string key) =>
        execution.GetProperty("steps").EnumerateArray().Single(step => step.GetProperty("key").GetString() == key).GetProperty("status").GetString();

    protected static TestStep Step(string key, string type, object with, params string[] dependsOn) => new(key, type, dependsOn, with);

    protected static async Task<string> PublishAsync(HttpClient client, params TestStep[] steps)
    {
        var created = await PostAsync(client, "/api/v1/workflows", new { name = $"w {Guid.CreateVersion7()}", steps });
        var path = $"/api/v1/workflows/{created.GetProperty("id").GetGuid()}";
        using var published = await client.PostAsync(new Uri($"{path}/publish", UriKind.Relative), null);
        await ExpectJsonAsync(published);
        return path;
    }

    protected static async Task<JsonElement> RunAsync(HttpClient client, string workflow, object input)
    {
        var started = await PostAsync(client, $"{workflow}/executions", new { input }, HttpStatusCode.Accepted);
        await Application.DrainAsync("workflows");
        return await GetAsync(client, $"/api/v1/executions/{started.GetProperty("id").GetGuid()}");
    }

    /// <summary>A connector to the weather of Seattle, 1,461 days, as the table <c>weather</c>.</summary>
    protected static async Task<Guid> ConnectWeatherAsync(HttpClient client)
    {
        using var form = new MultipartFormDataContent
        {
            { new StreamContent(File.OpenRead(RepositoryFiles.Path("samples/seattle-weather.csv"))), "file", "seattle-weather.csv" },
        };
        using var uploaded = await client.PostAsync(new Uri("/api/v1/uploads", UriKind.Relative), form);
        var upload = (await ExpectJsonAsync(uploaded, HttpStatusCode.Created)).GetProperty("upload_id").GetGuid();
        var connector = await PostAsync(
            client, "/api/v1/connectors",
            new { name = $"weather {upload}", type = "file", config = new { upload_id = upload, format = "csv", table = "weather" } });
        return connector.GetProperty("id").GetGuid();
    }

    /// <summary>Makes what an execution waits for due, and works on.</summary>
    protected static async Task<JsonElement> SkipWaitAsync(HttpClient client, JsonElement execution)
    {
        await Application.ScalarAsync<object>("update workflows.execution_steps set available_at = now() where status in ('waiting', 'pending')");
        await Application.ScalarAsync<object>("update workflows.workflow_executions set available_at = now() where status = 'waiting'");
        return await ReadOnAsync(client, execution);
    }

    protected static async Task<JsonElement> ReadOnAsync(HttpClient client, JsonElement execution)
    {
        await Application.DrainAsync("workflows");
        return await GetAsync(client, $"/api/v1/executions/{execution.GetProperty("id").GetGuid()}");
    }

    protected static async Task<JsonElement> GetAsync(HttpClient client, string path)
    {
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative));
        return await ExpectJsonAsync(response);
    }

    // The members are named as in the JSON of the API.
    protected sealed record TestStep(string key, string type, string[] depends_on, object with)
    {
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? when { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? for_each { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public object? retry { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? on_error { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public int? concurrency { get; init; }
    }
}
