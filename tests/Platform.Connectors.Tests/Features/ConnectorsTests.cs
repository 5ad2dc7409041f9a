using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Platform.Connectors.Tests.Features;

public sealed class ConnectorsTests : ConnectorTest
{
    [Test]
    public async Task Describes_the_types()
    {
        var alice = await SignInAsync();

        var types = await GetAsync(alice.Client, "/api/v1/connector-types");

        Assert.That(types.EnumerateArray()
            .Select(type => type.GetProperty("type").GetString()), Is.SupersetOf(new[] { "file", "http", "postgres" }));
        var postgres = types.EnumerateArray().Single(type => type.GetProperty("type").GetString() == "postgres");
        Assert.That(postgres.GetProperty("capabilities").EnumerateArray().Select(value => value.GetString()), Has.Member("query"));
        Assert.That(postgres.GetProperty("config_schema").GetProperty("properties").TryGetProperty("host", out _));
        Assert.That(postgres.GetProperty("credentials_schema").GetProperty("properties").TryGetProperty("password", out _));
        Assert.That(postgres.GetProperty("example").GetProperty("type").GetString(), Is.EqualTo("postgres"));
    }

    [Test]
    public async Task Stores_a_connector_and_gives_no_credentials_back()
    {
        var alice = await SignInAsync();

        using var response = await alice.Client.PostAsJsonAsync("/api/v1/connectors", PostgresBody());
        var text = await response.Content.ReadAsStringAsync();
        var read = await GetAsync(alice.Client, response.Headers.Location!.ToString());

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Created), text);
        Assert.That(response.Headers.ETag, Is.Not.Null);
        Assert.That(text + read, Does.Not.Contain("reader password"));
        Assert.That(read.GetProperty("name").GetString(), Is.EqualTo("Shop"));
        Assert.That(read.GetProperty("status").GetString(), Is.EqualTo("pending"));
        Assert.That(read.GetProperty("config").GetProperty("username").GetString(), Is.EqualTo("reader"));
        Assert.That(read.GetProperty(
            "credentials_set").GetProperty("password").GetDateTimeOffset(), Is.GreaterThan(DateTimeOffset.UnixEpoch));
        var stored = await Application.ScalarAsync<string>("select credentials_encrypted::text from connectors.connectors");
        Assert.That(stored, Does.Contain("\"password\"").And.Not.Contain("reader password"));
    }

    [Test]
    public async Task Refuses_what_the_type_does_not_know()
    {
        var alice = await SignInAsync();
        using var noType = await alice.Client.PostAsJsonAsync("/api/v1/connectors", new { name = "X", type = "fax" });
        using var noHost = await alice.Client.PostAsJsonAsync(
            "/api/v1/connectors", new { name = "X", type = "postgres", config = new { database = 1, extra = true, username = "u" }, credentials = new { pin = "1" } });

        await ExpectProblemAsync(noType, 422, "validation_failed");
        var problem = await ExpectProblemAsync(noHost, 422, "validation_failed");
        Assert.That(
            problem.GetProperty("errors").EnumerateObject().Select(error => error.Name),
            Is.EquivalentTo(new[] { "$.config.host", "$.config.database", "$.config.extra", "$.credentials.pin" }));
    }

    [Test]
    public async Task Refuses_a_name_that_is_taken()
    {
        var alice = await SignInAsync();
        await ConnectAsync(alice.Client);

        using var response = await alice.Client.PostAsJsonAsync("/api/v1/connectors", PostgresBody());

        await ExpectProblemAsync(response, 409, "connector_name_taken");
    }

    [Test]
    public async Task Shows_a_connector_to_nobody_else()
    {
        var alice = await SignInAsync();
        var bob = await SignInAsync();
        var path = await ConnectAsync(alice.Client);

        using var read = await bob.Client.GetAsync(path);
        using var query = await bob.Client.PostAsJsonAsync($"{path}/query", new { query = "select 1" });
        using var test = await bob.Client.PostAsJsonAsync($"{path}/test", new { });
        using var changed = await bob.Client.PatchAsJsonAsync(path, new { name = "Mine" });
        using var deleted = await bob.Client.DeleteAsync(path);
        using var log = await bob.Client.GetAsync($"{path}/events-log");
        var list = await GetAsync(bob.Client, "/api/v1/connectors");

        foreach (var response in new[] { read, query, test, changed, deleted, log })
        {
            await ExpectProblemAsync(response, 404, "connector_not_found");
        }

        Assert.That(list.GetProperty("items").GetArrayLength(), Is.Zero);
    }

    [Test]
    public async Task Tests_a_connector_and_remembers_the_outcome()
    {
        var alice = await SignInAsync();
        var good = await ConnectAsync(alice.Client);
        var bad = await ConnectAsync(alice.Client, PostgresBody("Wrong", "wrong"));

        var ok = await PostAsync(alice.Client, $"{good}/test", new { }, HttpStatusCode.OK);
        var refused = await PostAsync(alice.Client, $"{bad}/test", new { }, HttpStatusCode.OK);
        var log = await GetAsync(alice.Client, $"{bad}/events-log");

        Assert.That(ok.GetProperty("ok").GetBoolean());
        Assert.That(ok.GetProperty("code").GetString(), Is.EqualTo("ok"));
        Assert.That(ok.GetProperty("latency_ms").GetInt64(), Is.Positive);
        Assert.That(refused.GetProperty("code").GetString(), Is.EqualTo("authentication_failed"));
        Assert.That((await GetAsync(alice.Client, good)).GetProperty("status").GetString(), Is.EqualTo("active"));
        var failed = await GetAsync(alice.Client, bad);
        Assert.That(failed.GetProperty("status").GetString(), Is.EqualTo("error"));
        Assert.That(failed.GetProperty("status_reason").GetString(), Does.StartWith("authentication_failed"));
        Assert.That(
            log.GetProperty(
                "items").EnumerateArray().Select(entry => entry.GetProperty("type").GetString()), Is.EqualTo(["tested", "created"]));
    }

    [Test]
    public async Task Tests_a_source_without_saving_it()
    {
        var alice = await SignInAsync();

        var ok = await PostAsync(alice.Client, "/api/v1/connectors/test", PostgresBody(), HttpStatusCode.OK);
        var invalid = await PostAsync(
            alice.Client, "/api/v1/connectors/test", new { type = "postgres", config = new { } }, HttpStatusCode.OK);

        Assert.That(ok.GetProperty("code").GetString(), Is.EqualTo("ok"));
        Assert.That(invalid.GetProperty("code").GetString(), Is.EqualTo("invalid_config"));
        Assert.That(await Application.ScalarAsync<long>("select count(*) from connectors.connectors"), Is.Zero);
    }

    [Test]
    public async Task Changes_credentials_without_losing_the_others_and_keeps_versions()
    {
        var alice = await SignInAsync();
        var path = await ConnectAsync(alice.Client, PostgresBody(password: "wrong"));
        using var before = await alice.Client.GetAsync(path);

        var changed = await alice.Client.PatchAsJsonAsync(
            path, new { name = "Renamed", credentials = new { password = "reader password" }, config = new { port = Source.Port } });
        var test = await PostAsync(alice.Client, $"{path}/test", new { }, HttpStatusCode.OK);
        using var stale = new HttpRequestMessage(HttpMethod.Patch, path) { Content = JsonContent.Create(new { name = "Late" }) };
        stale.Headers.IfMatch.Add(before.Headers.ETag!);
        using var refused = await alice.Client.SendAsync(stale);

        Assert.That((await ExpectJsonAsync(changed)).GetProperty("name").GetString(), Is.EqualTo("Renamed"));
        Assert.That(test.GetProperty("code").GetString(), Is.EqualTo("ok"));
        Assert.That((int)refused.StatusCode, Is.EqualTo(412));
        changed.Dispose();
    }

    [Test]
    public async Task Removes_a_credential_that_is_set_to_null()
    {
        var alice = await SignInAsync();
        var path = await ConnectAsync(alice.Client);

        using var changed = await alice.Client.PatchAsJsonAsync(path, new { credentials = new { password = (string?)null } });

        Assert.That((await ExpectJsonAsync(changed)).GetProperty("credentials_set").EnumerateObject(), Is.Empty);
        Assert.That(await Application.ScalarAsync<long>(
            "select count(*) from connectors.connectors where credentials_encrypted is null"), Is.EqualTo(1));
    }

    [Test]
    public async Task Asks_the_source()
    {
        var alice = await SignInAsync();
        var path = await ConnectAsync(alice.Client);

        var schema = await GetAsync(alice.Client, $"{path}/schema?search=order");
        var result = await PostAsync(
            alice.Client, $"{path}/query",
            new { query = "select customer, count(*) from orders where id > :least group by 1 order by 1", parameters = new { least = 3 }, limit = 2 },
            HttpStatusCode.OK);

        Assert.That(
            schema.GetProperty("tables").EnumerateArray().Select(table => table.GetProperty("name").GetString()),
            Is.EqualTo(["archive.orders", "orders"]));
        Assert.That(result.GetProperty("rows").GetRawText(), Is.EqualTo("""[["customer 0",9],["customer 1",9]]"""));
        Assert.That(result.GetProperty(
            "columns").GetRawText(), Is.EqualTo("""[{"name":"customer","type":"text"},{"name":"count","type":"integer"}]"""));
        Assert.That(result.GetProperty("truncated").GetBoolean());
        Assert.That(result.GetProperty("query_hash").GetString(), Has.Length.EqualTo(32));
    }

    [TestCase("delete from orders", 422, "query_invalid")]
    [TestCase("select * from nowhere", 422, "query_failed")]
    [TestCase("select pg_sleep(20)", 504, "timeout")]
    public async Task Says_what_is_wrong_with_a_query(string query, int status, string code)
    {
        var alice = await SignInAsync();
        var path = await ConnectAsync(alice.Client);

        using var response = await alice.Client.PostAsJsonAsync($"{path}/query", new { query, timeout_ms = 500 });

        await ExpectProblemAsync(response, status, code);
    }

    [Test]
    public async Task Does_not_ask_a_paused_connector()
    {
        var alice = await SignInAsync();
        var path = await ConnectAsync(alice.Client);
        using var paused = await alice.Client.PatchAsJsonAsync(path, new { paused = true });

        using var response = await alice.Client.PostAsJsonAsync($"{path}/query", new { query = "select 1" });

        Assert.That((await ExpectJsonAsync(paused)).GetProperty("status").GetString(), Is.EqualTo("paused"));
        await ExpectProblemAsync(response, 422, "connector_paused");
    }

    [Test]
    public async Task Queries_an_uploaded_file()
    {
        var alice = await SignInAsync();
        var bob = await SignInAsync();
        var upload = await UploadAsync(alice.Client, "seattle-weather-excerpt.csv");
        var body = new { name = "Weather", type = "file", config = new { upload_id = upload, format = "csv", table = "weather" } };
        var path = await ConnectAsync(alice.Client, body);
        var stolen = await ConnectAsync(bob.Client, body);

        var result = await PostAsync(
            alice.Client, $"{path}/query", new { query = "select count(*) as days from weather" }, HttpStatusCode.OK);
        var test = await PostAsync(bob.Client, $"{stolen}/test", new { }, HttpStatusCode.OK);

        Assert.That(result.GetProperty("rows").GetRawText(), Is.EqualTo("[[60]]"));
        Assert.That(test.GetProperty("code").GetString(), Is.EqualTo("invalid_config"));
    }

    [Test]
    public async Task Deletes_a_connector_with_its_file_and_tells_the_others()
    {
        var alice = await SignInAsync();
        var upload = await UploadAsync(alice.Client, "stocks-excerpt.csv");
        var path = await ConnectAsync(
            alice.Client, new { name = "S", type = "file", config = new { upload_id = upload, format = "csv", table = "stocks" } });

        var dry = await alice.Client.DeleteAsync($"{path}?dry_run=true");
        using var still = await alice.Client.GetAsync(path);
        using var deleted = await alice.Client.DeleteAsync(path);
        await Application.DeliverEventsAsync();
        using var gone = await alice.Client.GetAsync(path);

        Assert.That((await ExpectJsonAsync(dry)).GetProperty("dependents").ValueKind, Is.EqualTo(JsonValueKind.Array));
        Assert.That(still.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(deleted.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
        await ExpectProblemAsync(gone, 404, "connector_not_found");
        Assert.That(await Application.ScalarAsync<long>("select count(*) from connectors.uploads"), Is.Zero);
        Assert.That(await Application.ScalarAsync<long>("select count(*) from storage.objects where bucket_id = 'uploads'"), Is.Zero);
        Assert.That(
            await Application.ScalarAsync<long>(
                "select count(*) from platform.outbox where name = 'connectors.connector-deleted.v1'"), Is.EqualTo(1));
        dry.Dispose();
    }

    [Test]
    public async Task Reads_connectors_page_by_page()
    {
        var alice = await SignInAsync();
        foreach (var name in new[] { "A", "B", "C" })
        {
            await ConnectAsync(alice.Client, PostgresBody(name));
        }

        var first = await GetAsync(alice.Client, "/api/v1/connectors?limit=2");
        var second = await GetAsync(alice.Client, $"/api/v1/connectors?limit=2&cursor={first.GetProperty("next_cursor").GetString()}");
        using var tampered = await alice.Client.GetAsync("/api/v1/connectors?cursor=xyz");

        Assert.That(first.GetProperty(
            "items").EnumerateArray().Select(item => item.GetProperty("name").GetString()), Is.EqualTo(["C", "B"]));
        Assert.That(second.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("name").GetString()), Is.EqualTo(["A"]));
        Assert.That(second.GetProperty("next_cursor").ValueKind, Is.EqualTo(JsonValueKind.Null));
        await ExpectProblemAsync(tampered, 400, "cursor_invalid");
    }
}
