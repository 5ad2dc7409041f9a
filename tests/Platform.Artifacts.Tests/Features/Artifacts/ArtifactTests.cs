using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Platform.Testing;

namespace Platform.Artifacts.Tests.Features.Artifacts;

public sealed class ArtifactTests : PlatformTest
{
    private const string Artifacts = "/api/v1/artifacts";

    [Test]
    public async Task Keeps_a_table_and_answers_it_as_it_was_given()
    {
        var alice = await SignInAsync();

        using var response = await alice.Client.PostAsJsonAsync(Artifacts, Table("Sales", 1, 2));

        var created = await ExpectJsonAsync(response, HttpStatusCode.Created);
        Assert.That(created.GetProperty("version").GetInt32(), Is.EqualTo(1));
        var read = await GetAsync(alice.Client, response.Headers.Location!.ToString());
        // PostgreSQL's jsonb keeps no order of members.
        Assert.That(JsonElement.DeepEquals(read, created), Is.True, read.GetRawText());
    }

    [TestCase("""{"type": "spreadsheet", "name": "x", "data": {}}""", "$.type")]
    [TestCase("""{"type": "table", "name": "x", "data": {"columns": []}}""", "$.data.rows")]
    [TestCase("""{"type": "chart", "name": "x", "data": {}}""", "$.data.type")]
    [TestCase("""{"type": "document", "name": "", "data": {}}""", "$.name")]
    [TestCase("""{"type": "document", "name": "x", "data": 3}""", "$.data")]
    public async Task Refuses_what_does_not_fit_its_type(string body, string path)
    {
        var alice = await SignInAsync();
        using var content = new StringContent(body, new MediaTypeHeaderValue("application/json"));

        using var response = await alice.Client.PostAsync(new Uri(Artifacts, UriKind.Relative), content);

        var problem = await ExpectProblemAsync(response, 422, "validation_failed");
        Assert.That(problem.GetProperty("errors").TryGetProperty(path, out _), Is.True, problem.GetRawText());
    }

    [Test]
    public async Task Keeps_every_version_and_restores_one()
    {
        var alice = await SignInAsync();
        var path = await CreateAsync(alice.Client, Table("Sales", 1));
        (await alice.Client.PatchAsJsonAsync(path, new { data = new { rows = new[] { new[] { 2 } } } })).Dispose();

        using var restored = await alice.Client.PostAsync(new Uri($"{path}/versions/1/restore", UriKind.Relative), null);

        var artifact = await ExpectJsonAsync(restored);
        Assert.That(artifact.GetProperty("version").GetInt32(), Is.EqualTo(3));
        Assert.That(artifact.GetProperty("data").GetProperty("rows").GetRawText(), Is.EqualTo("[[1]]"));
        var versions = await GetAsync(alice.Client, $"{path}/versions");
        Assert.That(versions.GetProperty("items").EnumerateArray().Select(version => version.GetProperty("version").GetInt32()), Is.EqualTo(new[] { 3, 2, 1 }));
        using var missing = await alice.Client.PostAsync(new Uri($"{path}/versions/9/restore", UriKind.Relative), null);
        await ExpectProblemAsync(missing, 404, "artifact_version_not_found");
    }

    [Test]
    public async Task Sends_content_as_a_download_never_inline()
    {
        var alice = await SignInAsync();
        var path = await CreateAsync(alice.Client, new { type = "document", name = "Note", data = new { html = "<script>alert(1)</script>" } });

        using var response = await alice.Client.GetAsync(new Uri($"{path}/content", UriKind.Relative));

        Assert.That(response.Content.Headers.ContentDisposition?.DispositionType, Is.EqualTo("attachment"));
        Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/json"));
        Assert.That(response.Headers.GetValues("X-Content-Type-Options").Single(), Is.EqualTo("nosniff"));
    }

    [Test]
    public async Task Stores_a_file_and_redirects_to_a_signed_address_of_it()
    {
        var alice = await SignInAsync();
        using var form = new MultipartFormDataContent { { new StringContent("hello", new MediaTypeHeaderValue("text/plain")), "file", "note.txt" } };

        using var uploaded = await alice.Client.PostAsync(new Uri($"{Artifacts}/upload", UriKind.Relative), form);

        var artifact = await ExpectJsonAsync(uploaded, HttpStatusCode.Created);
        Assert.That(artifact.GetProperty("file_path").GetString(), Does.StartWith($"{alice.Id}/"));
        using var redirect = await alice.Client.GetAsync(new Uri($"{uploaded.Headers.Location}/content", UriKind.Relative));
        Assert.That(redirect.StatusCode, Is.EqualTo(HttpStatusCode.Redirect));
        using var file = await Visitor().GetAsync(redirect.Headers.Location);
        Assert.That(await file.Content.ReadAsStringAsync(), Is.EqualTo("hello"));
    }

    [Test]
    public async Task Removes_the_file_of_a_deleted_artifact()
    {
        var alice = await SignInAsync();
        using var form = new MultipartFormDataContent { { new StringContent("hello", new MediaTypeHeaderValue("text/plain")), "file", "note.txt" } };
        using var uploaded = await alice.Client.PostAsync(new Uri($"{Artifacts}/upload", UriKind.Relative), form);

        using var removed = await alice.Client.DeleteAsync(uploaded.Headers.Location);
        await Application.DeliverEventsAsync();

        Assert.That(removed.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
        Assert.That(await Application.ScalarAsync<long>("select count(*) from storage.objects"), Is.Zero);
    }

    [Test]
    public async Task Shows_an_artifact_to_nobody_else()
    {
        var alice = await SignInAsync();
        var bob = await SignInAsync();
        var path = await CreateAsync(alice.Client, Table("Sales", 1));

        foreach (var part in new[] { "", "/content", "/versions" })
        {
            using var response = await bob.Client.GetAsync(new Uri(path + part, UriKind.Relative));
            await ExpectProblemAsync(response, 404, "artifact_not_found");
        }

        using var restored = await bob.Client.PostAsync(new Uri($"{path}/versions/1/restore", UriKind.Relative), null);
        await ExpectProblemAsync(restored, 404, "artifact_not_found");
        Assert.That((await GetAsync(bob.Client, Artifacts)).GetProperty("items").GetArrayLength(), Is.Zero);
    }

    private static object Table(string name, params int[] values) => new
    {
        type = "table",
        name,
        data = new { columns = new[] { new { name = "n", type = "integer" } }, rows = values.Select(value => new[] { value }).ToArray() },
    };

    private static async Task<string> CreateAsync(HttpClient client, object body)
    {
        var created = await PostAsync(client, Artifacts, body);
        return $"{Artifacts}/{created.GetProperty("id").GetGuid()}";
    }

    private static async Task<JsonElement> GetAsync(HttpClient client, string path)
    {
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative));
        return await ExpectJsonAsync(response);
    }
}
