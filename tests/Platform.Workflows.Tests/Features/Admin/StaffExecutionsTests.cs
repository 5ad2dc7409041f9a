using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using Platform.Testing;

namespace Platform.Workflows.Tests.Features.Admin;

public sealed class StaffExecutionsTests : PlatformTest
{
    private const string Route = "/api/v1/admin/executions";

    [Test]
    public async Task Refuses_everybody_but_staff()
    {
        var alice = await SignInAsync();
        await using var server = await FakeServer.StartAsync(500);
        var id = await FailAsync(alice, server.Url);

        using var list = await alice.Client.GetAsync(new Uri(Route, UriKind.Relative));
        using var retry = await alice.Client.PostAsync(new Uri($"{Route}/{id}/retry", UriKind.Relative), null);
        using var visitor = await Visitor().GetAsync(new Uri(Route, UriKind.Relative));

        await ExpectProblemAsync(list, 403, "forbidden");
        await ExpectProblemAsync(retry, 403, "forbidden");
        await ExpectProblemAsync(visitor, 401, "unauthorized");
        Assert.That(await StatusAsync(id), Is.EqualTo("failed"));
    }

    [TestCase("select workflows.staff_list_executions(null, null, 10)")]
    [TestCase("select workflows.staff_retry_execution(gen_random_uuid(), 'mine')")]
    public async Task The_database_asks_for_the_role_itself(string statement)
    {
        var alice = await SignInAsync();
        await using var connection = new NpgsqlConnection(Application.OwnerConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            $"select set_config('request.jwt.claims', '{JsonSerializer.Serialize(new { sub = alice.Id, role = "authenticated" })}', true); "
            + $"set local role authenticated; {statement}",
            connection);

        var refused = Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync());

        Assert.That(refused!.SqlState, Is.EqualTo(PostgresErrorCodes.InsufficientPrivilege));
    }

    [Test]
    public async Task Lists_everybodys_executions_by_status_without_their_data()
    {
        var (alice, bob, support) = (await SignInAsync(), await SignInAsync(), await SignInAsync("support"));
        await using var server = await FakeServer.StartAsync(500, 200);
        var failed = await FailAsync(alice, server.Url);
        var done = await RunAsync(bob, server.Url);

        var all = await GetAsync(support, $"{Route}?limit=1");
        var rest = await GetAsync(support, $"{Route}?limit=1&cursor={all.GetProperty("next_cursor").GetString()}");
        var failures = await GetAsync(support, $"{Route}?status=failed");
        using var unknown = await support.Client.GetAsync(new Uri($"{Route}?status=dead", UriKind.Relative));

        Assert.That(Ids(all).Concat(Ids(rest)), Is.EqualTo(new[] { done, failed }));
        Assert.That(Ids(failures), Is.EqualTo(new[] { failed }));
        Assert.That(failures.GetProperty("items")[0].GetProperty("user_id").GetGuid(), Is.EqualTo(alice.Id));
        Assert.That(failures.GetProperty("items")[0].GetProperty("error_code").GetString(), Is.EqualTo("step_failed"));
        Assert.That(failures.GetRawText(), Does.Not.Contain("planted-input"));
        await ExpectProblemAsync(unknown, 422, "validation_failed");
    }

    [Test]
    public async Task A_retry_goes_on_from_what_was_committed_and_stands_in_the_owners_log()
    {
        var (alice, support) = (await SignInAsync(), await SignInAsync("support"));
        await using var server = await FakeServer.StartAsync(200, 500, 200);
        var id = await FailAsync(alice, server.Url, steps: 2);

        var queued = await PostAsync(support.Client, $"{Route}/{id}/retry", new { reason = "ticket 7" }, HttpStatusCode.Accepted);
        using var twice = await support.Client.PostAsync(new Uri($"{Route}/{id}/retry", UriKind.Relative), null);
        await Application.DrainAsync("workflows");

        Assert.That(queued.GetProperty("status").GetString(), Is.EqualTo("queued"));
        await ExpectProblemAsync(twice, 409, "execution_not_failed");
        var execution = await GetAsync(alice, $"/api/v1/executions/{id}");
        Assert.That(execution.GetProperty("status").GetString(), Is.EqualTo("succeeded"), execution.GetRawText());
        Assert.That(server.Requests, Has.Count.EqualTo(3), "The first step had succeeded and did not run again.");
        var entry = (await GetAsync(alice, "/api/v1/me/audit")).GetProperty("items").EnumerateArray()
            .Single(item => item.GetProperty("action").GetString() == "execution.retried");
        Assert.That(entry.GetProperty("actor_id").GetGuid(), Is.EqualTo(support.Id));
        Assert.That(entry.GetProperty("object_id").GetGuid(), Is.EqualTo(id));
        Assert.That(entry.GetProperty("reason").GetString(), Is.EqualTo("ticket 7"));
        using var events = await alice.Client.GetAsync(new Uri($"/api/v1/executions/{id}/events", UriKind.Relative));
        Assert.That(await events.Content.ReadAsStringAsync(), Does.Match("(?s)execution.finished.*execution.retried.*execution.finished"));
    }

    [Test]
    public async Task Retries_a_dead_letter()
    {
        var (alice, admin) = (await SignInAsync(), await SignInAsync("admin"));
        await using var server = await FakeServer.StartAsync(500, 200);
        var id = await FailAsync(alice, server.Url);
        await Application.ScalarAsync<object>(
            "update workflows.workflow_executions set dead_lettered_at = now(), attempts = 10, error_code = 'execution_given_up' where id = $1", id);

        await PostAsync(admin.Client, $"{Route}/{id}/retry", new { }, HttpStatusCode.Accepted);
        await Application.DrainAsync("workflows");

        Assert.That(await StatusAsync(id), Is.EqualTo("succeeded"));
        var listed = (await GetAsync(admin, Route)).GetProperty("items")[0];
        Assert.That(listed.GetProperty("dead_lettered_at").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(listed.GetProperty("error_code").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public async Task Retries_only_what_is_there_has_failed_and_is_not_paused()
    {
        var (alice, admin) = (await SignInAsync(), await SignInAsync("admin"));
        await using var server = await FakeServer.StartAsync(200, 500);
        var done = await RunAsync(alice, server.Url);
        var failed = await FailAsync(alice, server.Url);
        await Application.ScalarAsync<object>("update workflows.workflows set status = 'paused'");

        using var nothing = await admin.Client.PostAsync(new Uri($"{Route}/{Guid.CreateVersion7()}/retry", UriKind.Relative), null);
        using var succeeded = await admin.Client.PostAsync(new Uri($"{Route}/{done}/retry", UriKind.Relative), null);
        using var paused = await admin.Client.PostAsync(new Uri($"{Route}/{failed}/retry", UriKind.Relative), null);
        using var tooLong = await admin.Client.PostAsJsonAsync($"{Route}/{failed}/retry", new { reason = new string('x', 1001) });

        await ExpectProblemAsync(nothing, 404, "execution_not_found");
        await ExpectProblemAsync(succeeded, 409, "execution_not_failed");
        await ExpectProblemAsync(paused, 409, "workflow_paused");
        await ExpectProblemAsync(tooLong, 422, "validation_failed");
    }

    private static async Task<Guid> FailAsync(TestUser user, string url, int steps = 1)
    {
        var id = await RunAsync(user, url, steps);
        Assert.That(await StatusAsync(id), Is.EqualTo("failed"));
        return id;
    }

    private static async Task<Guid> RunAsync(TestUser user, string url, int steps = 1)
    {
        var created = await PostAsync(user.Client, "/api/v1/workflows", new
        {
            name = $"w {Guid.CreateVersion7()}",
            steps = Enumerable.Range(1, steps).Select(number => new
            {
                key = $"call{number}",
                type = "http_request",
                with = new { url },
                depends_on = number == 1 ? Array.Empty<string>() : [$"call{number - 1}"],
            }),
        });
        var path = $"/api/v1/workflows/{created.GetProperty("id").GetGuid()}";
        using var published = await user.Client.PostAsync(new Uri($"{path}/publish", UriKind.Relative), null);
        await ExpectJsonAsync(published);
        var started = await PostAsync(user.Client, $"{path}/executions", new { input = new { text = "planted-input" } }, HttpStatusCode.Accepted);
        await Application.DrainAsync("workflows");
        return started.GetProperty("id").GetGuid();
    }

    private static Task<string?> StatusAsync(Guid id) =>
        Application.ScalarAsync<string>("select status from workflows.workflow_executions where id = $1", id);

    private static async Task<JsonElement> GetAsync(TestUser user, string path)
    {
        using var response = await user.Client.GetAsync(new Uri(path, UriKind.Relative));
        return await ExpectJsonAsync(response);
    }

    private static List<Guid> Ids(JsonElement page) =>
        [.. page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetGuid())];
}
