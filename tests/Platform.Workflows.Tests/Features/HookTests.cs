using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;

namespace Platform.Workflows.Tests.Features;

public sealed class HookTests : WorkflowTest
{
    [Test]
    public async Task Starts_an_execution_that_is_durable_before_it_answers()
    {
        var alice = await SignInAsync();
        var (hook, _) = await CreateHookAsync(alice.Client, new { type = "webhook" });
        using var anybody = Application.CreateClient();

        using var response = await anybody.PostAsJsonAsync(hook, new { n = 4 });
        var accepted = await ExpectJsonAsync(response, HttpStatusCode.Accepted);
        await Application.DrainAsync("workflows");

        var execution = await GetAsync(alice.Client, $"/api/v1/executions/{accepted.GetProperty("id").GetGuid()}");
        Assert.That(execution.GetProperty("results").GetProperty("double").GetInt32(), Is.EqualTo(8), execution.GetRawText());
        Assert.That(execution.GetProperty("trigger").GetString(), Is.EqualTo("webhook"));
    }

    [Test]
    public async Task Answers_with_the_result_when_the_caller_waits()
    {
        var alice = await SignInAsync();
        var (hook, _) = await CreateHookAsync(alice.Client, new { type = "webhook" });
        using var anybody = Application.CreateClient();

        var call = anybody.PostAsJsonAsync($"{hook}?wait=20", new { n = 5 });
        await EventuallyAsync(async () => await Application.ScalarAsync<long>("select count(*) from workflows.workflow_executions") == 1);
        await Application.DrainAsync("workflows");
        using var response = await call;

        var ended = await ExpectJsonAsync(response);
        Assert.That(ended.GetProperty("results").GetProperty("double").GetInt32(), Is.EqualTo(10));
        using var tooLong = await anybody.PostAsJsonAsync($"{hook}?wait=61", new { });
        await ExpectProblemAsync(tooLong, 422, "validation_failed");
    }

    [Test]
    public async Task Takes_what_is_signed_as_standard_webhooks_are_and_runs_a_message_once()
    {
        var alice = await SignInAsync();
        var (hook, secret) = await CreateHookAsync(alice.Client, new { type = "webhook", signed = true });
        using var anybody = Application.CreateClient();
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

        using var first = await SignedAsync(anybody, hook, secret!, "msg_1", now, """{"n":1}""");
        using var again = await SignedAsync(anybody, hook, secret!, "msg_1", now, """{"n":1}""");

        var accepted = await ExpectJsonAsync(first, HttpStatusCode.Accepted);
        var repeated = await ExpectJsonAsync(again, HttpStatusCode.Accepted);
        Assert.That(repeated.GetProperty("id").GetGuid(), Is.EqualTo(accepted.GetProperty("id").GetGuid()));
        Assert.That(await Application.ScalarAsync<long>("select count(*) from workflows.workflow_executions"), Is.EqualTo(1));
    }

    [TestCase("msg_1", 0, """{"n":2}""", "whsec_d3JvbmctcGFzc3BocmFzZS13cm9uZw==", "signature_invalid")]
    [TestCase("msg_1", -301, """{"n":1}""", null, "signature_expired")]
    [TestCase("msg_1", 301, """{"n":1}""", null, "signature_expired")]
    public async Task Refuses_what_is_not_signed_right(string id, int seconds, string body, string? otherSecret, string code)
    {
        var alice = await SignInAsync();
        var (hook, secret) = await CreateHookAsync(alice.Client, new { type = "webhook", signed = true });
        using var anybody = Application.CreateClient();

        using var response = await SignedAsync(
            anybody, hook, otherSecret ?? secret!, id, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + seconds, body);
        using var unsigned = await anybody.PostAsJsonAsync(hook, new { n = 1 });

        await ExpectProblemAsync(response, 401, code);
        await ExpectProblemAsync(unsigned, 401, "signature_missing");
        Assert.That(await Application.ScalarAsync<long>("select count(*) from workflows.workflow_executions"), Is.Zero);
    }

    [Test]
    public async Task Knows_no_hook_that_was_deleted_even_where_it_was_called_a_moment_ago()
    {
        var alice = await SignInAsync();
        var bob = await SignInAsync();
        var (hook, _) = await CreateHookAsync(alice.Client, new { type = "webhook" });
        using var anybody = Application.CreateClient();
        using var before = await anybody.PostAsJsonAsync(hook, new { n = 1 });
        var id = await Application.ScalarAsync<Guid>("select id from workflows.triggers");

        using var elsewhere = await bob.Client.DeleteAsync(new Uri($"/api/v1/triggers/{id}", UriKind.Relative));
        using var deleted = await alice.Client.DeleteAsync(new Uri($"/api/v1/triggers/{id}", UriKind.Relative));
        using var after = await anybody.PostAsJsonAsync(hook, new { n = 1 });

        Assert.That(before.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        await ExpectProblemAsync(elsewhere, 404, "trigger_not_found");
        Assert.That(deleted.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
        await ExpectProblemAsync(after, 404, "hook_not_found");
        Assert.That(await Application.ScalarAsync<long>("select count(*) from workflows.workflow_executions"), Is.EqualTo(1));
    }

    [Test]
    public async Task Keeps_neither_token_nor_secret_where_anybody_can_read_it()
    {
        var alice = await SignInAsync();
        var (hook, secret) = await CreateHookAsync(alice.Client, new { type = "webhook", signed = true });
        var row = await Application.ScalarAsync<string>("select to_jsonb(t)::text from workflows.triggers as t");
        var workflow = await Application.ScalarAsync<Guid>("select workflow_id from workflows.triggers");
        var list = await GetAsync(alice.Client, $"/api/v1/workflows/{workflow}/triggers");

        Assert.That(row, Does.Not.Contain(hook.Split('/')[^1]).And.Not.Contain(secret));
        Assert.That(list.GetRawText(), Does.Not.Contain(hook.Split('/')[^1]).And.Not.Contain(secret));
        Assert.That(list.GetProperty("items")[0].GetProperty("is_signed").GetBoolean(), Is.True);
    }

    [Test]
    public async Task Refuses_what_is_too_large_or_cannot_be_kept()
    {
        var alice = await SignInAsync();
        var (hook, _) = await CreateHookAsync(alice.Client, new { type = "webhook" });
        using var anybody = Application.CreateClient();
        using var large = await anybody.PostAsync(new Uri(hook, UriKind.Relative), new StringContent(new string('x', 300_000)));
        using var nul = await anybody.PostAsync(new Uri(hook, UriKind.Relative), new StringContent("""{"n":"\u0000"}"""));

        await ExpectProblemAsync(large, 413, "body_too_large");
        await ExpectProblemAsync(nul, 422, "hook_body_invalid");
    }

    private static async Task<(string Path, string? Secret)> CreateHookAsync(HttpClient client, object trigger)
    {
        var workflow = await PublishAsync(client, Step("double", "transform", new { value = "{{ input.n * 2 }}" }));
        var created = await PostAsync(client, $"{workflow}/triggers", trigger);
        return (created.GetProperty("path").GetString()!, created.TryGetProperty("secret", out var secret) ? secret.GetString() : null);
    }

    private static Task<HttpResponseMessage> SignedAsync(HttpClient client, string path, string secret, string id, long timestamp, string body)
    {
        var key = Convert.FromBase64String(secret["whsec_".Length..]);
        var signature = Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{id}.{timestamp}.{body}")));
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", $"v1,{signature}");
        return client.SendAsync(request);
    }
}
