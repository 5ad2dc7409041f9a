using System.IO.Compression;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Platform.Identity.Jobs;
using Platform.Testing;

namespace Platform.Identity.Tests.Features.Exports;

public sealed class ExportTests : IdentityTest
{
    private const string Exports = "/api/v1/me/exports";

    [Test]
    public async Task Becomes_an_artifact_with_what_every_module_has_of_the_person()
    {
        var (alice, bob) = (await SignInAsync(), await SignInAsync());
        await PlantAsync(alice, "alices");
        await PlantAsync(bob, "bobs");

        var export = await ExportAsync(alice);
        await Application.DeliverEventsAsync();
        await Application.RunJobsAsync();

        var done = await ExpectJsonAsync(await alice.Client.GetAsync(new Uri($"{Exports}/{export}", UriKind.Relative)));
        Assert.That(done.GetProperty("status").GetString(), Is.EqualTo("succeeded"));
        var documents = await DownloadAsync(alice, done.GetProperty("artifact_id").GetGuid());
        Assert.That(documents.Keys, Is.EquivalentTo(new[] { "identity", "connectors", "dashboards", "workflows", "chat", "artifacts" }));
        Assert.That(NamesOf(documents["connectors"], "connectors", "name"), Is.EqualTo(new[] { "alices" }));
        Assert.That(NamesOf(documents["dashboards"], "dashboards", "name"), Is.EqualTo(new[] { "alices" }));
        Assert.That(NamesOf(documents["workflows"], "workflows", "name"), Is.EqualTo(new[] { "alices" }));
        Assert.That(NamesOf(documents["chat"], "chat_sessions", "title"), Is.EqualTo(new[] { "alices" }));
        Assert.That(NamesOf(documents["artifacts"], "artifacts", "name"), Is.EqualTo(new[] { "alices" }));
        Assert.That(documents["identity"].GetProperty("user").GetProperty("email").GetString(), Is.EqualTo(alice.Email));
        Assert.That(documents.Values.Select(document => document.GetRawText()), Has.None.Contains(bob.Id.ToString()));
    }

    [Test]
    public async Task Holds_the_bytes_of_the_persons_files_and_no_earlier_export()
    {
        var (alice, bob) = (await SignInAsync(), await SignInAsync());
        var bytes = Enumerable.Range(0, 300_000).Select(number => (byte)(number * 7)).ToArray();
        var file = await UploadAsync(alice, bytes);
        await UploadAsync(bob, bytes);
        await ExportAsync(alice);
        await Application.DeliverEventsAsync();
        await Application.RunJobsAsync();

        var export = await ExportAsync(alice);
        await Application.DeliverEventsAsync();
        await Application.RunJobsAsync();

        var done = await ExpectJsonAsync(await alice.Client.GetAsync(new Uri($"{Exports}/{export}", UriKind.Relative)));
        await using var zip = await OpenAsync(alice, done.GetProperty("artifact_id").GetGuid());
        var entry = zip.Entries.Single(entry => entry.FullName.StartsWith("files/", StringComparison.Ordinal));
        await using var content = await entry.OpenAsync();
        using var copy = new MemoryStream();
        await content.CopyToAsync(copy);
        Assert.That(entry.FullName, Is.EqualTo($"files/artifacts/{file}"));
        Assert.That(copy.ToArray(), Is.EqualTo(bytes));
    }

    [Test]
    public async Task Names_the_files_that_have_no_room()
    {
        var alice = await SignInAsync();
        var file = await UploadAsync(alice, [1, 2, 3]);
        await ExecuteAsync("update storage.objects set metadata = metadata || '{\"size\": 60000000}'");

        var export = await ExportAsync(alice);
        await Application.DeliverEventsAsync();
        await Application.RunJobsAsync();

        var done = await ExpectJsonAsync(await alice.Client.GetAsync(new Uri($"{Exports}/{export}", UriKind.Relative)));
        var documents = await DownloadAsync(alice, done.GetProperty("artifact_id").GetGuid());
        Assert.That(documents["files-left-out"].GetRawText(), Is.EqualTo($"[\n  \"files/artifacts/{file}\"\n]"));
    }

    [Test]
    public async Task Leaves_secrets_out()
    {
        var alice = await SignInAsync();
        await PlantAsync(alice, "alices");
        await ExecuteAsync(
            $"""
            insert into dashboards.share_links (id, dashboard_id, user_id, token_hash, password_hash)
              select gen_random_uuid(), id, user_id, repeat('f', 64), 'pw-hash' from dashboards.dashboards;
            insert into workflows.triggers (id, workflow_id, user_id, type, token_hash, secret_encrypted)
              select gen_random_uuid(), id, user_id, 'webhook', repeat('e', 64), jsonb_build_object('sealed', 'x') from workflows.workflows
            """);

        var export = await ExportAsync(alice);
        await Application.DeliverEventsAsync();
        await Application.RunJobsAsync();

        var done = await ExpectJsonAsync(await alice.Client.GetAsync(new Uri($"{Exports}/{export}", UriKind.Relative)));
        var text = string.Concat((await DownloadAsync(alice, done.GetProperty("artifact_id").GetGuid())).Values.Select(document => document.GetRawText()));
        Assert.That(text, Does.Contain("share_links").And.Contain("triggers").And.Contain("api_keys"));
        foreach (var secret in new[] { "key_hash", "token_hash", "password_hash", "secret_encrypted", "credentials_encrypted", "wrapped_key", "hunter2" })
        {
            Assert.That(text, Does.Not.Contain(secret));
        }
    }

    [Test]
    public async Task Is_watched_to_its_end()
    {
        var alice = await SignInAsync();
        var export = await ExportAsync(alice);
        await Application.DeliverEventsAsync();
        await Application.RunJobsAsync();

        var events = await alice.Client.GetStringAsync(new Uri($"{Exports}/{export}/events", UriKind.Relative));

        Assert.That(events, Does.Match("(?s)export.queued.*export.started.*export.finished.*succeeded"));
        Assert.That(await ActionsAsync(alice.Client), Does.Contain("export.requested"));
    }

    [Test]
    public async Task Runs_once_at_a_time_and_is_nobody_elses()
    {
        var (alice, bob) = (await SignInAsync(), await SignInAsync());
        var export = await ExportAsync(alice);

        using var second = await alice.Client.PostAsync(new Uri(Exports, UriKind.Relative), null);
        using var other = await bob.Client.GetAsync(new Uri($"{Exports}/{export}", UriKind.Relative));
        using var watched = await bob.Client.GetAsync(new Uri($"{Exports}/{export}/events", UriKind.Relative));

        await ExpectProblemAsync(second, 409, "export_already_running");
        await ExpectProblemAsync(other, 404, "export_not_found");
        await ExpectProblemAsync(watched, 404, "export_not_found");
    }

    [Test]
    public async Task Makes_way_for_another_when_its_job_has_died()
    {
        var alice = await SignInAsync();
        var dead = await ExportAsync(alice);
        await ExecuteAsync("update identity.exports set status = 'running', created_at = now() - interval '61 minutes'");

        await ExportAsync(alice);

        Assert.That(await Application.ScalarAsync<string>("select status from identity.exports where id = $1", dead), Is.EqualTo("failed"));
    }

    [Test]
    public async Task Makes_one_artifact_when_its_job_runs_again()
    {
        var alice = await SignInAsync();
        var export = await ExportAsync(alice);
        await Application.DeliverEventsAsync();
        await Application.RunJobsAsync();
        await ExecuteAsync("update identity.exports set status = 'running', artifact_id = null");

        await Application.Services.GetRequiredService<ExportUserDataJob>().RunAsync(export, alice.Id, CancellationToken.None);

        Assert.That(await Application.ScalarAsync<string>("select status from identity.exports"), Is.EqualTo("succeeded"));
        Assert.That(await Application.ScalarAsync<long>("select count(*) from artifacts.artifacts"), Is.EqualTo(1));
    }

    private static async Task PlantAsync(TestUser user, string name)
    {
        await PostAsync(user.Client, "/api/v1/me/api-keys", new { name });
        await PostAsync(user.Client, "/api/v1/connectors", new
        {
            name,
            type = "http",
            config = new { url = "http://127.0.0.1:9/", auth = "bearer" },
            credentials = new { token = "hunter2" },
        });
        await PostAsync(user.Client, "/api/v1/dashboards", new { name });
        await PostAsync(user.Client, "/api/v1/workflows", new { name });
        await PostAsync(user.Client, "/api/v1/chat/sessions", new { title = name });
        await PostAsync(user.Client, "/api/v1/artifacts", new { type = "document", name, data = new { markdown = "text" } });
    }

    private static async Task<Guid> ExportAsync(TestUser user)
    {
        using var response = await user.Client.PostAsync(new Uri(Exports, UriKind.Relative), null);
        var export = await ExpectJsonAsync(response, HttpStatusCode.Accepted);
        var id = export.GetProperty("id").GetGuid();
        Assert.That(response.Headers.Location?.ToString(), Is.EqualTo($"{Exports}/{id}"));
        return id;
    }

    private static async Task<Guid> UploadAsync(TestUser user, byte[] bytes)
    {
        using var form = new MultipartFormDataContent();
        using var file = new ByteArrayContent(bytes) { Headers = { ContentType = new("application/octet-stream") } };
        form.Add(file, "file", "numbers.bin");
        using var response = await user.Client.PostAsync(new Uri("/api/v1/artifacts/upload", UriKind.Relative), form);
        return (await ExpectJsonAsync(response, HttpStatusCode.Created)).GetProperty("id").GetGuid();
    }

    private async Task<ZipArchive> OpenAsync(TestUser user, Guid artifactId)
    {
        using var redirect = await user.Client.GetAsync(new Uri($"/api/v1/artifacts/{artifactId}/content", UriKind.Relative));
        await ExpectStatusAsync(redirect, HttpStatusCode.Redirect);
        return new ZipArchive(await Visitor().GetStreamAsync(redirect.Headers.Location), ZipArchiveMode.Read);
    }

    private async Task<Dictionary<string, JsonElement>> DownloadAsync(TestUser user, Guid artifactId)
    {
        await using var zip = await OpenAsync(user, artifactId);
        var documents = new Dictionary<string, JsonElement>();
        foreach (var entry in zip.Entries.Where(entry => !entry.FullName.StartsWith("files/", StringComparison.Ordinal)))
        {
            await using var content = await entry.OpenAsync();
            documents.Add(Path.GetFileNameWithoutExtension(entry.Name), await JsonSerializer.DeserializeAsync<JsonElement>(content));
        }

        return documents;
    }

    private static IEnumerable<string?> NamesOf(JsonElement document, string table, string column) =>
        document.GetProperty(table).EnumerateArray().Select(row => row.GetProperty(column).GetString());
}
