using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Hangfire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Platform.Dashboards.Jobs;
using Platform.Dashboards.Tests.Data;

namespace Platform.Dashboards.Tests.Features.Alerts;

public sealed class AlertTests : BoardTest
{
    private static readonly object Above100 = new { type = "threshold", column = "total", @operator = ">", value = 100 };

    [Test]
    public async Task Fires_once_fails_and_recovers_and_keeps_a_history()
    {
        var (alert, _) = await WatchAsync(Above100);

        await CheckAsync();
        Total(150);
        await CheckAsync();
        await CheckAsync();
        Source.Status = 400;
        await CheckAsync();
        Source.Status = 200;
        Total(5);
        await CheckAsync();

        var history = await GetAsync($"/api/v1/alerts/{alert}/history");
        Assert.That(
            history.GetProperty("items").EnumerateArray().Select(item => $"{item.GetProperty("state")} {item.GetProperty("notified")} {item.GetProperty("value")}"),
            Is.EqualTo(new[] { "ok True 5", "error True ", "firing True 150", "ok False 10" }));
        Assert.That(await Application.ScalarAsync<long>("select count(*) from platform.outbox where name = 'dashboards.alert-fired.v1'"), Is.EqualTo(3));
    }

    [Test]
    public async Task Knows_when_there_are_no_rows_and_when_the_query_fails()
    {
        var (empty, widget) = await WatchAsync(new { type = "no_data" });
        var failed = (await PostAsync(Owner.Client, $"/api/v1/widgets/{widget}/alerts", new { name = "Fails", condition = new { type = "query_failed" } })).GetProperty("id").GetGuid();

        Source.Rows = _ => Array.Empty<object>();
        await CheckAsync();
        var first = (await StateAsync(empty, widget), await StateAsync(failed, widget));
        Source.Status = 400;
        await CheckAsync();
        var second = (await StateAsync(empty, widget), await StateAsync(failed, widget));

        Assert.That(first, Is.EqualTo(("firing", "ok")));
        Assert.That(second, Is.EqualTo(("error", "firing")));
    }

    [Test]
    public async Task Calls_the_webhook_signed_and_shows_its_secret_once()
    {
        var calls = new ConcurrentQueue<(IHeaderDictionary Headers, byte[] Body)>();
        await using var receiver = await ReceiverAsync(calls);
        var url = receiver.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        var widget = await AddWidgetAsync();
        var made = await PostAsync(
            Owner.Client, $"/api/v1/widgets/{widget}/alerts", new { name = "High", condition = Above100, notify = new { webhook_url = url } });
        var secret = made.GetProperty("webhook_secret").GetString()!;
        Total(150);

        await CheckAsync();
        await Application.DeliverEventsAsync();
        await Application.RunJobsAsync();

        var (headers, body) = calls.Single();
        var expected = HMACSHA256.HashData(
            Convert.FromBase64String(secret["whsec_".Length..]),
            (byte[])[.. Encoding.UTF8.GetBytes($"{headers["webhook-id"]}.{headers["webhook-timestamp"]}."), .. body]);
        Assert.That(headers["webhook-signature"].ToString(), Is.EqualTo($"v1,{Convert.ToBase64String(expected)}"));
        Assert.That(JsonDocument.Parse(body).RootElement.GetProperty("data").GetProperty("state").GetString(), Is.EqualTo("firing"));
        var listed = await GetAsync($"/api/v1/widgets/{widget}/alerts");
        Assert.That(listed.GetRawText(), Does.Not.Contain("secret"));
        Assert.That(await Application.ScalarAsync<string>("select to_jsonb(alert)::text from dashboards.alerts as alert"), Does.Not.Contain(secret));
        Assert.That(
            await Application.ScalarAsync<string>("select string_agg(payload::text, ' ') from platform.outbox"), Does.Not.Contain(secret));
    }

    [Test]
    public async Task A_paused_alert_is_not_checked_and_a_new_condition_begins_anew()
    {
        var (alert, widget) = await WatchAsync(Above100);
        await CheckAsync();

        using var changed = await Owner.Client.PatchAsJsonAsync($"/api/v1/alerts/{alert}", new { condition = new { value = 5 }, status = "paused" });
        await CheckAsync();

        Assert.That((await ExpectJsonAsync(changed)).GetProperty("condition").GetProperty("column").GetString(), Is.EqualTo("total"));
        Assert.That(await StateAsync(alert, widget), Is.EqualTo("unknown"));
        Assert.That(Source.Asked, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Is_the_owners_alone()
    {
        var (alert, widget) = await WatchAsync(Above100);
        var (friend, stranger) = (await SignInAsync(), await SignInAsync());
        await PostAsync(Owner.Client, $"{Path}/grants", new { email = friend.Email, role = "edit" });

        await ExpectProblemAsync(
            await friend.Client.PostAsJsonAsync($"/api/v1/widgets/{widget}/alerts", new { name = "x", condition = Above100 }), 403, "dashboard_not_yours");
        await ExpectProblemAsync(await friend.Client.GetAsync($"/api/v1/alerts/{alert}/history"), 404, "alert_not_found");
        await ExpectProblemAsync(await friend.Client.PatchAsJsonAsync($"/api/v1/alerts/{alert}", new { name = "x" }), 404, "alert_not_found");
        await ExpectProblemAsync(await stranger.Client.DeleteAsync($"/api/v1/alerts/{alert}"), 404, "alert_not_found");
        Assert.That((int)(await Owner.Client.DeleteAsync($"/api/v1/alerts/{alert}")).StatusCode, Is.EqualTo(204));
    }

    [TestCase("""{"name": "x", "condition": {"type": "moon"}}""", "$.condition.type")]
    [TestCase("""{"name": "x", "condition": {"type": "threshold", "column": "total", "operator": "~", "value": 1}}""", "$.condition.operator")]
    [TestCase("""{"name": "x", "condition": {"type": "threshold", "column": "total", "operator": ">"}}""", "$.condition")]
    [TestCase("""{"name": "x", "condition": {"type": "no_data", "colour": 1}}""", "$.condition")]
    [TestCase("""{"name": "x", "condition": {"type": "no_data"}, "schedule": "often"}""", "$.schedule")]
    [TestCase("""{"name": "x", "condition": {"type": "no_data"}, "notify": {"webhook_url": "file:///etc"}}""", "$.notify.webhook_url")]
    public async Task Refuses_what_is_no_alert(string body, string path)
    {
        var widget = await AddWidgetAsync();
        using var content = new StringContent(body, null, "application/json");
        using var response = await Owner.Client.PostAsync($"/api/v1/widgets/{widget}/alerts", content);

        var problem = await ExpectProblemAsync(response, 422, "validation_failed");
        Assert.That(problem.GetProperty("errors").GetRawText(), Does.Contain($"\"{path}"));
    }

    private void Total(int total) => Source.Rows = _ => new[] { new { id = 1, total } };

    private async Task<(Guid Alert, Guid Widget)> WatchAsync(object condition)
    {
        var widget = await AddWidgetAsync();
        var alert = await PostAsync(Owner.Client, $"/api/v1/widgets/{widget}/alerts", new { name = "Watch", condition });
        Assert.That(alert.TryGetProperty("webhook_secret", out _), Is.False);
        return (alert.GetProperty("id").GetGuid(), widget);
    }

    private async Task<string?> StateAsync(Guid alert, Guid widget) =>
        (await GetAsync($"/api/v1/widgets/{widget}/alerts")).GetProperty("items").EnumerateArray()
            .Single(item => item.GetProperty("id").GetGuid() == alert).GetProperty("state").GetString();

    private async Task<JsonElement> GetAsync(string path)
    {
        using var response = await Owner.Client.GetAsync(path);
        return await ExpectJsonAsync(response);
    }

    // As if the time had come.
    private static async Task CheckAsync()
    {
        await Application.ScalarAsync<int>("update dashboards.alerts set next_check_at = now() where next_check_at is not null");
        Application.Services.GetRequiredService<IBackgroundJobClient>().Enqueue<CheckAlertsJob>(job => job.RunAsync(CancellationToken.None));
        await Application.RunJobsAsync();
    }

    private static async Task<WebApplication> ReceiverAsync(ConcurrentQueue<(IHeaderDictionary Headers, byte[] Body)> calls)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(async http =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            calls.Enqueue((new HeaderDictionary(http.Request.Headers.ToDictionary()), body.ToArray()));
        });
        await app.StartAsync();
        return app;
    }
}
