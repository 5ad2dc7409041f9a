using System.Net;
using System.Net.Sockets;
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

public sealed class AlertDeliveryTests : BoardTest
{
    private static readonly object Above100 = new { type = "threshold", column = "total", @operator = ">", value = 100 };

    [Test]
    public async Task Mails_its_owner_once_a_change_and_says_what_it_is()
    {
        var widget = await AddWidgetAsync();
        await AlertAsync(widget, "High", Above100);
        await AlertAsync(widget, "Empty", new { type = "no_data" });
        await AlertAsync(widget, "Broken", new { type = "query_failed" });

        Total(150);
        await CheckAndDeliverAsync();
        await CheckAndDeliverAsync();
        Source.Rows = _ => Array.Empty<object>();
        await CheckAndDeliverAsync();
        Source.Status = 400;
        await CheckAndDeliverAsync();
        Source.Status = 200;
        Total(5);
        await CheckAndDeliverAsync();

        var subjects = (await MailsAsync()).Select(mail => mail.GetProperty("subject").GetString()).ToList();
        Assert.That(subjects, Is.EquivalentTo(new[]
        {
            "firing: High (Sales)",
            "no_data: Empty (Sales)", "query_failed: High (Sales)",
            "query_failed: Empty (Sales)", "query_failed: Broken (Sales)",
            "recovered: High (Sales)", "recovered: Empty (Sales)", "recovered: Broken (Sales)",
        }));
        var firing = (await MailsAsync()).Single(mail => mail.GetProperty("subject").GetString()!.StartsWith("firing", StringComparison.Ordinal));
        Assert.That(firing.GetProperty("text").GetString(), Does.Contain("total (first) > 100 holds"));
        Assert.That(firing.GetProperty("text").GetString(), Does.Contain("Open the board: https://app.example.com/boards/"));
    }

    [Test]
    public async Task A_delivery_that_runs_twice_and_an_event_that_comes_twice_send_one_mail()
    {
        await AlertAsync(await AddWidgetAsync(), "High", Above100);
        Total(150);
        await CheckAsync();
        var (delivery, owner) = (
            await Application.ScalarAsync<Guid>("select id from dashboards.alert_deliveries"),
            await Application.ScalarAsync<Guid>("select user_id from dashboards.alert_deliveries"));
        var job = Application.Services.GetRequiredService<DeliverAlertJob>();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => job.RunAsync(delivery, owner, CancellationToken.None)));
        await Application.DeliverEventsAsync();
        await Application.RunJobsAsync();

        Assert.That(await MailsAsync(), Has.Count.EqualTo(1));
        Assert.That(await StatusAsync(), Is.EqualTo("delivered 1"));
    }

    [Test]
    public async Task Sends_one_person_no_more_mails_an_hour_than_allowed()
    {
        await AlertAsync(await AddWidgetAsync(), "High", Above100);
        await Application.ScalarAsync<int>(
            """
            insert into dashboards.alert_deliveries (id, alert_id, user_id, channel, state, before, checked_at, status, ended_at)
            select gen_random_uuid(), alert.id, alert.user_id, 'mail', 'firing', 'ok', now(), 'delivered', now() - interval '5 minutes'
            from dashboards.alerts as alert, generate_series(1, 30)
            """);
        Total(150);

        await CheckAndDeliverAsync();

        Assert.That(await MailsAsync(), Is.Empty);
        Assert.That(
            await Application.ScalarAsync<string>("select status || ' ' || reason from dashboards.alert_deliveries where status <> 'delivered'"),
            Is.EqualTo("suppressed mail_limit_reached"));
    }

    [Test]
    public async Task A_webhook_that_fails_is_called_again_with_the_same_id_when_its_time_comes()
    {
        var ids = new List<string>();
        await using var receiver = await ReceiverAsync(http =>
        {
            ids.Add(http.Request.Headers["webhook-id"].ToString());
            http.Response.StatusCode = ids.Count < 2 ? 503 : 204;
            return Task.CompletedTask;
        });
        await AlertAsync(await AddWidgetAsync(), "High", Above100, UrlOf(receiver));
        Total(150);

        await CheckAndDeliverAsync();
        var first = await StatusAsync();
        await CheckAsync();
        await Application.ScalarAsync<int>("update dashboards.alert_deliveries set next_attempt_at = now() where status = 'pending'");
        await CheckAsync();

        Assert.That(first, Is.EqualTo("pending 1"));
        Assert.That(await StatusAsync(), Is.EqualTo("delivered 2"));
        Assert.That(ids, Has.Count.EqualTo(2));
        Assert.That(ids.Distinct().ToList(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_receiver_that_hangs_holds_up_no_event()
    {
        var release = new TaskCompletionSource();
        await using var receiver = await ReceiverAsync(_ => release.Task);
        await AlertAsync(await AddWidgetAsync(), "High", Above100, UrlOf(receiver));
        Total(150);
        await CheckAsync();

        var began = TimeProvider.System.GetTimestamp();
        await Application.DeliverEventsAsync();
        var took = TimeProvider.System.GetElapsedTime(began);
        release.SetResult();
        await Application.RunJobsAsync();

        Assert.That(took, Is.LessThan(TimeSpan.FromSeconds(5)));
        Assert.That(await StatusAsync(), Is.EqualTo("delivered 1"));
    }

    [Test]
    public async Task A_receiver_that_is_gone_is_tried_eight_times_and_given_up()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/";
        listener.Stop();
        await AlertAsync(await AddWidgetAsync(), "High", Above100, url);
        Total(150);
        await CheckAsync();

        for (var number = 0; number < 10; number++)
        {
            await Application.ScalarAsync<int>("update dashboards.alert_deliveries set next_attempt_at = now() where status = 'pending'");
            await CheckAsync();
        }

        Assert.That(await StatusAsync(), Is.EqualTo("failed 8"));
        Assert.That(await Application.ScalarAsync<string>("select reason from dashboards.alert_deliveries"), Is.EqualTo("webhook_unreachable"));
    }

    private void Total(int total) => Source.Rows = _ => new[] { new { id = 1, total } };

    private async Task AlertAsync(Guid widget, string name, object condition, string? webhook = null) =>
        await PostAsync(Owner.Client, $"/api/v1/widgets/{widget}/alerts", new
        {
            name,
            condition,
            notify = webhook is null ? (object)new { email = true } : new { webhook_url = webhook },
        });

    private async Task<List<JsonElement>> MailsAsync()
    {
        using var response = await Visitor().GetAsync($"/inbox.json?to={Uri.EscapeDataString(Owner.Email)}");
        return [.. (await ExpectJsonAsync(response)).EnumerateArray()];
    }

    private static Task<string?> StatusAsync() =>
        Application.ScalarAsync<string>("select status || ' ' || attempts from dashboards.alert_deliveries");

    private static async Task CheckAsync()
    {
        await Application.ScalarAsync<int>("update dashboards.alerts set next_check_at = now() where next_check_at is not null");
        Application.Services.GetRequiredService<IBackgroundJobClient>().Enqueue<CheckAlertsJob>(job => job.RunAsync(CancellationToken.None));
        await Application.RunJobsAsync();
    }

    private static async Task CheckAndDeliverAsync()
    {
        await CheckAsync();
        await Application.DeliverEventsAsync();
        await Application.RunJobsAsync();
    }

    private static string UrlOf(WebApplication app) => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    private static async Task<WebApplication> ReceiverAsync(Func<HttpContext, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(http => answer(http));
        await app.StartAsync();
        return app;
    }
}
