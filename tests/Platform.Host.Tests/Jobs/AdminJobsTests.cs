using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Hangfire;
using Hangfire.States;
using Microsoft.Extensions.DependencyInjection;
using Platform.Testing;

namespace Platform.Host.Tests.Jobs;

public sealed class AdminJobsTests : PlatformTest
{
    private const string Route = "/api/v1/admin/jobs";

    [Test]
    public async Task Refuses_everybody_but_staff()
    {
        var alice = await SignInAsync();
        var id = Create(Failure());

        using var list = await alice.Client.GetAsync(new Uri(Route, UriKind.Relative));
        using var requeue = await alice.Client.PostAsync(new Uri($"{Route}/{id}/requeue", UriKind.Relative), null);
        using var visitor = await Visitor().GetAsync(new Uri(Route, UriKind.Relative));

        await ExpectProblemAsync(list, 403, "forbidden");
        await ExpectProblemAsync(requeue, 403, "forbidden");
        await ExpectProblemAsync(visitor, 401, "unauthorized");
        Assert.That(StateOf(id), Is.EqualTo("Failed"));
    }

    [Test]
    public async Task Lists_jobs_of_each_state_without_what_they_work_on()
    {
        var support = await SignInAsync("support");
        var (failed, scheduled, enqueued) = (Create(Failure()), Create(new ScheduledState(TimeSpan.FromHours(1))), Create(new EnqueuedState()));

        var all = await GetAsync(support, $"{Route}?limit=100");

        Assert.That(all.GetProperty("next_cursor").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(Find(all, failed).GetProperty("state").GetString(), Is.EqualTo("failed"));
        Assert.That(Find(all, failed).GetProperty("error").GetString(), Is.EqualTo("System.InvalidOperationException"));
        Assert.That(Find(all, scheduled).GetProperty("at").GetDateTimeOffset(), Is.GreaterThan(TimeProvider.System.GetUtcNow().AddMinutes(50)));
        Assert.That(Find(all, enqueued).GetProperty("queue").GetString(), Is.EqualTo("maintenance"));
        Assert.That(Find(all, enqueued).GetProperty("type").GetString(), Is.EqualTo(nameof(CountingJob)));
        Assert.That(all.GetRawText(), Does.Not.Contain("planted"));
    }

    [Test]
    public async Task Lists_one_state_up_to_a_bound()
    {
        var admin = await SignInAsync("admin");
        Create(Failure());
        var newest = Create(Failure());
        Create(new EnqueuedState());

        var one = await GetAsync(admin, $"{Route}?state=failed&limit=1");
        using var unknown = await admin.Client.GetAsync(new Uri($"{Route}?state=lost", UriKind.Relative));
        using var tooMany = await admin.Client.GetAsync(new Uri($"{Route}?limit=101", UriKind.Relative));

        Assert.That(one.GetProperty("items").GetArrayLength(), Is.EqualTo(1));
        Assert.That(one.GetProperty("items")[0].GetProperty("id").GetString(), Is.EqualTo(newest));
        await ExpectProblemAsync(unknown, 422, "validation_failed");
        await ExpectProblemAsync(tooMany, 422, "validation_failed");
    }

    [Test]
    public async Task Queues_a_failed_job_again_in_its_own_queue()
    {
        var admin = await SignInAsync("admin");
        var id = Create(Failure());
        var before = CountingJob.Runs;

        using var requeued = await admin.Client.PostAsync(new Uri($"{Route}/{id}/requeue", UriKind.Relative), null);
        var listed = Find(await GetAsync(admin, $"{Route}?state=enqueued&limit=100"), id);
        using var twice = await admin.Client.PostAsync(new Uri($"{Route}/{id}/requeue", UriKind.Relative), null);
        await Application.RunJobsAsync();

        Assert.That(requeued.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        Assert.That(listed.GetProperty("queue").GetString(), Is.EqualTo("maintenance"));
        await ExpectProblemAsync(twice, 409, "job_not_failed");
        Assert.That(CountingJob.Runs, Is.GreaterThan(before));
    }

    [TestCase("999999999")]
    [TestCase("not-a-number")]
    [TestCase("99999999999999999999999")]
    public async Task Answers_404_where_there_is_no_such_job(string id)
    {
        var admin = await SignInAsync("admin");

        using var response = await admin.Client.PostAsync(new Uri($"{Route}/{id}/requeue", UriKind.Relative), null);

        await ExpectProblemAsync(response, 404, "job_not_found");
    }

    private static FailedState Failure() => new(new InvalidOperationException("planted text"));

    private static string Create(IState state) =>
        Application.Services.GetRequiredService<IBackgroundJobClient>().Create<CountingJob>(job => job.RunAsync("planted argument"), state);

    private static string? StateOf(string id)
    {
        using var connection = Application.Services.GetRequiredService<JobStorage>().GetConnection();
        return connection.GetStateData(id)?.Name;
    }

    private static JsonElement Find(JsonElement page, string id) =>
        page.GetProperty("items").EnumerateArray().Single(item => item.GetProperty("id").GetString() == id);

    private static async Task<JsonElement> GetAsync(TestUser user, string path)
    {
        using var response = await user.Client.GetAsync(new Uri(path, UriKind.Relative));
        return await ExpectJsonAsync(response);
    }
}

/// <summary>A job that only notes that it ran.</summary>
public sealed class CountingJob(TimeProvider clock)
{
    private static readonly ConcurrentBag<DateTimeOffset> Noted = [];

    public static int Runs => Noted.Count;

    [Queue("maintenance")]
    [AutomaticRetry(Attempts = 0)]
    public Task RunAsync(string text)
    {
        Assert.That(text, Is.Not.Empty);
        Noted.Add(clock.GetUtcNow());
        return Task.CompletedTask;
    }
}
