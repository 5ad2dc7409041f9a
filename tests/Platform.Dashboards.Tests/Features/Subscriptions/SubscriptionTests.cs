using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Hangfire;
using Microsoft.Extensions.DependencyInjection;
using Platform.Dashboards.Jobs;
using Platform.Dashboards.Tests.Data;
using Platform.Testing;
using SkiaSharp;

namespace Platform.Dashboards.Tests.Features.Subscriptions;

public sealed class SubscriptionTests : BoardTest
{
    [Test]
    public async Task Mails_the_board_when_it_is_due_once()
    {
        await AddWidgetAsync(type: "bar");
        var made = await SubscribeAsync(Owner, new { schedule = "0 8 * * 1", time_zone = "Europe/Berlin", format = "png" });

        await SweepAsync();
        var early = await MailsAsync(Owner);
        await DueAsync();
        await SweepAsync();
        await SweepAsync();

        Assert.That(made.GetProperty("next_run_at").GetDateTimeOffset().UtcDateTime.DayOfWeek, Is.EqualTo(DayOfWeek.Monday));
        Assert.That(made.GetProperty("next_run_at").GetDateTimeOffset().UtcDateTime.Hour, Is.EqualTo(6).Or.EqualTo(7));
        Assert.That(early, Is.Empty);
        var mail = (await MailsAsync(Owner)).Single();
        var file = mail.GetProperty("attachments").EnumerateArray().Single();
        Assert.That(file.GetProperty("name").GetString(), Does.StartWith("Sales-").And.EndWith(".png"));
        using var picture = SKBitmap.Decode(await Visitor().GetByteArrayAsync(file.GetProperty("url").GetString()));
        Assert.That(picture.Width, Is.EqualTo(2160));
        Assert.That(mail.GetProperty("text").GetString(), Does.Contain("https://app.example.com/boards/"));
        var listed = (await ListAsync(Owner)).Single();
        Assert.That(listed.GetProperty("last_sent_at").ValueKind, Is.EqualTo(JsonValueKind.String));
        Assert.That(listed.GetProperty("next_run_at").GetDateTimeOffset(), Is.GreaterThan(TimeProvider.System.GetUtcNow()));
    }

    [Test]
    public async Task A_pdf_takes_the_subscribers_values()
    {
        await AddWidgetAsync("/orders?region={{region}}", new { region = "north" });
        await SubscribeAsync(Owner, new { schedule = "0 8 * * *", parameters = new { region = "south" } });

        await DueAsync();
        await SweepAsync();

        var file = (await MailsAsync(Owner)).Single().GetProperty("attachments")[0];
        var pdf = await Visitor().GetByteArrayAsync(file.GetProperty("url").GetString());
        Assert.That(Encoding.Latin1.GetString(pdf), Does.StartWith("%PDF-"));
        Assert.That(Source.Asked, Is.EqualTo(new[] { "/orders?region=south" }));
    }

    [Test]
    public async Task Stops_with_a_reason_when_the_subscriber_may_no_longer_see_the_board_and_begins_again_when_asked()
    {
        await AddWidgetAsync();
        var friend = await SignInAsync();
        await PostAsync(Owner.Client, $"{Path}/grants", new { email = friend.Email, role = "view" });
        var id = (await SubscribeAsync(friend, new { schedule = "0 8 * * *" })).GetProperty("id").GetGuid();
        await DueAsync();
        await SweepAsync();
        await Application.ScalarAsync<int>("delete from identity.grants");

        await DueAsync();
        await SweepAsync();
        var stopped = await Application.ScalarAsync<string>("select status || ' ' || reason from dashboards.subscriptions");
        using var refused = await friend.Client.PatchAsJsonAsync($"/api/v1/subscriptions/{id}", new { status = "active" });
        await PostAsync(Owner.Client, $"{Path}/grants", new { email = friend.Email, role = "view" });
        using var again = await friend.Client.PatchAsJsonAsync($"/api/v1/subscriptions/{id}", new { status = "active" });

        Assert.That(await MailsAsync(friend), Has.Count.EqualTo(1));
        Assert.That(stopped, Is.EqualTo("stopped dashboard_not_visible"));
        await ExpectProblemAsync(refused, 404, "dashboard_not_found");
        Assert.That((await ExpectJsonAsync(again)).GetProperty("reason").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public async Task Two_nodes_that_take_the_same_run_send_one_mail()
    {
        await AddWidgetAsync();
        await SubscribeAsync(Owner, new { schedule = "0 8 * * *" });
        var (run, owner) = await RunAsync();
        var job = Application.Services.GetRequiredService<SendSubscriptionJob>();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => job.RunAsync(run, owner, CancellationToken.None)));

        Assert.That(await MailsAsync(Owner), Has.Count.EqualTo(1));
        Assert.That(await StatusAsync(), Is.EqualTo("sent 1"));
    }

    [TestCase("pending", "sent 2", 1, Description = "it died while it drew")]
    [TestCase("sending", "interrupted 1", 0, Description = "it died while it sent, and nobody knows what left")]
    public async Task A_sender_that_died_is_made_up_for_and_no_mail_leaves_twice(string was, string becomes, int mails)
    {
        await AddWidgetAsync();
        await SubscribeAsync(Owner, new { schedule = "0 8 * * *" });
        await RunAsync();
        await Application.ScalarAsync<int>(
            "update dashboards.subscription_runs set status = $1, attempts = 1, next_attempt_at = now() + interval '4 minutes'", was);

        await SweepAsync();
        var leased = await StatusAsync();
        await Application.ScalarAsync<int>("update dashboards.subscription_runs set next_attempt_at = now() - interval '1 second'");
        await SweepAsync();

        Assert.That(leased, Is.EqualTo($"{was} 1"), "while the lease runs nobody else begins");
        Assert.That(await StatusAsync(), Is.EqualTo(becomes));
        Assert.That(await MailsAsync(Owner), Has.Count.EqualTo(mails));
    }

    [Test]
    public async Task Is_the_subscribers_alone_and_only_to_a_board_that_they_see()
    {
        await AddWidgetAsync();
        var (friend, stranger) = (await SignInAsync(), await SignInAsync());
        await PostAsync(Owner.Client, $"{Path}/grants", new { email = friend.Email, role = "view" });
        var id = (await SubscribeAsync(friend, new { schedule = "0 8 * * *" })).GetProperty("id").GetGuid();

        Assert.That(await ListAsync(Owner), Is.Empty, "not even the board's owner sees who subscribed");
        await ExpectProblemAsync(await stranger.Client.PostAsJsonAsync($"{Path}/subscriptions", new { schedule = "0 8 * * *" }), 404, "dashboard_not_found");
        await ExpectProblemAsync(await stranger.Client.GetAsync($"{Path}/subscriptions"), 404, "dashboard_not_found");
        await ExpectProblemAsync(await Owner.Client.PatchAsJsonAsync($"/api/v1/subscriptions/{id}", new { theme = "dark" }), 404, "subscription_not_found");
        await ExpectProblemAsync(await Owner.Client.DeleteAsync($"/api/v1/subscriptions/{id}"), 404, "subscription_not_found");
        Assert.That((int)(await friend.Client.DeleteAsync($"/api/v1/subscriptions/{id}")).StatusCode, Is.EqualTo(204));
        Assert.That(await ListAsync(friend), Is.Empty);
    }

    [TestCase("""{"schedule": "often"}""", "$.schedule")]
    [TestCase("""{"schedule": "* * * * *"}""", "$.schedule")]
    [TestCase("""{"schedule": "0 0 30 2 *"}""", "$.schedule")]
    [TestCase("""{"schedule": "0 8 * * *", "time_zone": "Moon/Base"}""", "$.time_zone")]
    [TestCase("""{"schedule": "0 8 * * *", "format": "exe"}""", "$.format")]
    [TestCase("""{"schedule": "0 8 * * *", "theme": "pink"}""", "$.theme")]
    [TestCase("""{"schedule": "0 8 * * *", "parameters": []}""", "$.parameters")]
    public async Task Refuses_what_is_no_subscription(string body, string path)
    {
        using var content = new StringContent(body, null, "application/json");
        using var response = await Owner.Client.PostAsync($"{Path}/subscriptions", content);

        var problem = await ExpectProblemAsync(response, 422, "validation_failed");
        Assert.That(problem.GetProperty("errors").GetRawText(), Does.Contain($"\"{path}"));
    }

    [Test]
    public async Task Refuses_values_that_the_board_does_not_take()
    {
        using var response = await Owner.Client.PostAsJsonAsync($"{Path}/subscriptions", new { schedule = "0 8 * * *", parameters = new { moon = 1 } });

        await ExpectProblemAsync(response, 422, "parameter_unknown");
    }

    private async Task<JsonElement> SubscribeAsync(TestUser user, object body) => await PostAsync(user.Client, $"{Path}/subscriptions", body);

    private async Task<List<JsonElement>> ListAsync(TestUser user)
    {
        using var response = await user.Client.GetAsync($"{Path}/subscriptions");
        return [.. (await ExpectJsonAsync(response)).GetProperty("items").EnumerateArray()];
    }

    private async Task<List<JsonElement>> MailsAsync(TestUser user)
    {
        using var response = await Visitor().GetAsync($"/inbox.json?to={Uri.EscapeDataString(user.Email)}");
        return [.. (await ExpectJsonAsync(response)).EnumerateArray()];
    }

    // A run that was made and that nobody has taken.
    private static async Task<(Guid Run, Guid Subscriber)> RunAsync()
    {
        await Application.ScalarAsync<int>(
            """
            insert into dashboards.subscription_runs (id, subscription_id, user_id, due_at, next_attempt_at)
            select gen_random_uuid(), id, user_id, now(), now() from dashboards.subscriptions
            """);
        return (
            await Application.ScalarAsync<Guid>("select id from dashboards.subscription_runs"),
            await Application.ScalarAsync<Guid>("select user_id from dashboards.subscription_runs"));
    }

    private static Task<string?> StatusAsync() => Application.ScalarAsync<string>("select status || ' ' || attempts from dashboards.subscription_runs");

    private static Task<int> DueAsync() =>
        Application.ScalarAsync<int>("update dashboards.subscriptions set next_run_at = now() where status = 'active'");

    private static async Task SweepAsync()
    {
        Application.Services.GetRequiredService<IBackgroundJobClient>().Enqueue<SendSubscriptionsJob>(job => job.RunAsync(CancellationToken.None));
        await Application.RunJobsAsync();
    }
}
