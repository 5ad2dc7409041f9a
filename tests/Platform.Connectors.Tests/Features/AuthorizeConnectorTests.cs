using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.Tests.Sources;
using Platform.SharedKernel.Callers;

namespace Platform.Connectors.Tests.Features;

public sealed class AuthorizeConnectorTests : OAuthTest
{
    private const string Rows = """[[1,1.5],[2,3]]""";
    private static readonly string[] Tables =
    [
        "connectors.connectors", "connectors.connector_events", "connectors.oauth_attempts", "connectors.oauth_grants", "platform.outbox",
        "platform.stream_events",
    ];

    [Test]
    public async Task A_person_lets_a_connector_in()
    {
        var path = await ConnectAsync(Alice);
        var before = await QueryAsync(Alice, path);

        using var page = await Visitor().GetAsync(await BeginAsync(Alice, path));

        var html = await page.Content.ReadAsStringAsync();
        Assert.That(before, Is.EqualTo("authorization_required"));
        Assert.That(page.StatusCode, Is.EqualTo(HttpStatusCode.OK), html);
        Assert.That(html, Does.Contain("The connector is authorized"));
        Assert.That(page.Headers.CacheControl!.NoStore);
        Assert.That(page.Headers.GetValues("Content-Security-Policy").Single(), Does.Contain("default-src 'none'"));
        Assert.That(page.Headers.GetValues("Referrer-Policy").Single(), Is.EqualTo("no-referrer"));
        Assert.That(await QueryAsync(Alice, path), Is.EqualTo(Rows));
        Assert.That(await StatusAsync(Alice, path), Is.EqualTo("authorized"));
        Assert.That(await TestCodeAsync(path), Is.EqualTo("ok"));
    }

    [Test]
    public async Task The_address_holds_what_the_provider_needs_and_nothing_of_the_config_replaces_it()
    {
        var path = await ConnectAsync(Alice);

        var begun = await PostAsync(Alice.Client, $"{path}/oauth/authorize", new { }, HttpStatusCode.OK);

        var address = new Uri(begun.GetProperty("authorization_url").GetString()!);
        var query = QueryHelpers.ParseQuery(address.Query);
        Assert.That(address.AbsoluteUri, Does.StartWith($"{Provider.Url}/connect/authorize?fixed=1&"));
        Assert.That(query.Keys, Is.EquivalentTo(new[]
        {
            "fixed", "prompt", "ui_hint", "response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge",
            "code_challenge_method",
        }));
        Assert.That(query["state"].ToString(), Has.Length.EqualTo(43).And.Not.EqualTo("mine"));
        Assert.That(query["code_challenge_method"].ToString(), Is.EqualTo("S256"));
        Assert.That(query["redirect_uri"].ToString(), Is.EqualTo($"{Application.Url}/api/v1/connectors/oauth/callback"));
        Assert.That(query["ui_hint"].ToString(), Is.EqualTo("orders & more"));
        Assert.That(query["scope"].ToString(), Is.EqualTo("orders offline_access"));
        Assert.That(
            begun.GetProperty("expires_at").GetDateTimeOffset() - TimeProvider.System.GetUtcNow(),
            Is.EqualTo(TimeSpan.FromMinutes(10)).Within(TimeSpan.FromSeconds(10)));
    }

    [TestCase("client_secret_post")]
    [TestCase("client_secret_basic")]
    public async Task A_client_with_a_secret_shows_it(string way)
    {
        Provider.IsConfidential = true;
        var without = await ConnectAsync(Alice, "Without", changes: new { client_authentication = way });
        var with = await ConnectAsync(
            Alice, "With", new { client_secret = OAuthProvider.ClientSecret }, new { client_authentication = way });

        await ExpectFailureAsync(await BeginAsync(Alice, without), 422, "oauth_exchange_refused");
        await AuthorizeAsync(Alice, with);

        Assert.That(await QueryAsync(Alice, with), Is.EqualTo(Rows));
    }

    [Test]
    public async Task A_denial_leaves_what_was()
    {
        var path = await ConnectAsync(Alice);
        await AuthorizeAsync(Alice, path);
        Provider.Denies = true;

        await ExpectFailureAsync(await BeginAsync(Alice, path), 422, "oauth_access_denied");

        Assert.That(await QueryAsync(Alice, path), Is.EqualTo(Rows));
        Assert.That(await LastEventAsync(path), Is.EqualTo("authorization_failed oauth_access_denied"));
    }

    [Test]
    public async Task A_state_is_good_once_and_for_ten_minutes()
    {
        var path = await ConnectAsync(Alice);
        var used = await BeginAsync(Alice, path);
        using (await Visitor().GetAsync(used))
        {
        }

        var late = await BeginAsync(Alice, path);
        await ExecuteAsync("update connectors.oauth_attempts set expires_at = now() where used_at is null");
        var asked = Provider.Asked.Count;

        await ExpectFailureAsync(used, 409, "oauth_state_used");
        await ExpectFailureAsync(late, 422, "oauth_state_expired");
        await ExpectFailureAsync(With(used, "state", "another"), 404, "oauth_state_unknown");
        await ExpectFailureAsync(With(used, "state", null), 404, "oauth_state_unknown");
        await ExpectFailureAsync(With(With(used, "code", null), "state", new string('x', 7000)), 404, "oauth_state_unknown");

        Assert.That(Provider.Asked, Has.Count.EqualTo(asked), "nothing was asked of the provider");
        Assert.That(await QueryAsync(Alice, path), Is.EqualTo(Rows));
    }

    [Test]
    public async Task Of_many_who_come_with_one_state_one_is_taken()
    {
        var path = await ConnectAsync(Alice);
        var back = await BeginAsync(Alice, path);

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(async _ =>
        {
            using var answer = await Visitor().GetAsync(back);
            return (int)answer.StatusCode;
        }));

        Assert.That(answers.Order(), Is.EqualTo(new[] { 200, 409, 409, 409, 409, 409, 409, 409, 409, 409 }));
        Assert.That(Provider.Asked, Is.EqualTo(["authorization_code"]));
    }

    [Test]
    public async Task Nobody_uses_the_state_of_another()
    {
        var bob = await SignInAsync();
        var (his, hers) = (await ConnectAsync(bob), await ConnectAsync(Alice));
        var (toHim, toHer) = (await BeginAsync(bob, his), await BeginAsync(Alice, hers));

        // Bob's code with Alice's state: the proof is hers, the code is bound to his.
        await ExpectFailureAsync(With(toHer, "code", Parameter(toHim, "code")), 422, "oauth_exchange_refused");
        using var foreign = await bob.Client.PostAsJsonAsync($"{hers}/oauth/authorize", new { });
        using var looked = await bob.Client.GetAsync($"{hers}/oauth");
        using var removed = await bob.Client.DeleteAsync($"{hers}/oauth");

        await ExpectProblemAsync(foreign, 404, "connector_not_found");
        await ExpectProblemAsync(looked, 404, "connector_not_found");
        await ExpectProblemAsync(removed, 404, "connector_not_found");
        Assert.That(await StatusAsync(Alice, hers), Is.EqualTo("required"));
        Assert.That(await StatusAsync(bob, his), Is.EqualTo("required"));
        Assert.That(await Application.ScalarAsync<long>("select count(*) from connectors.oauth_grants"), Is.Zero);
    }

    [Test]
    public async Task Whoever_brings_the_browser_back_the_one_who_began_gets_the_grant()
    {
        var bob = await SignInAsync();
        var (his, hers) = (await ConnectAsync(bob), await ConnectAsync(Alice));
        var toHer = await BeginAsync(Alice, hers);

        using var page = await bob.Client.GetAsync(toHer);

        Assert.That(page.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await StatusAsync(Alice, hers), Is.EqualTo("authorized"));
        Assert.That(await StatusAsync(bob, his), Is.EqualTo("required"));
    }

    [Test]
    public async Task A_code_is_given_to_the_provider_that_was_asked_and_taken_from_it_alone()
    {
        var path = await ConnectAsync(Alice);
        var mixed = await BeginAsync(Alice, path);
        var moved = await BeginAsync(Alice, path);
        await PatchAsync(path, new { config = new { auth = new { issuer = "https://issuer.example" } } });
        var named = await BeginAsync(Alice, path);

        Assert.That(Parameter(mixed, "iss"), Is.EqualTo($"{Provider.Url}/"));
        await ExpectFailureAsync(With(mixed, "iss", "https://other.example"), 422, "oauth_issuer_mismatch");
        await ExpectFailureAsync(named, 422, "oauth_issuer_mismatch");
        await PatchAsync(path, new { config = new { auth = new { token_url = "http://127.0.0.1:1/token" } } });
        await ExpectFailureAsync(moved, 409, "oauth_config_changed");
        Assert.That(Provider.Asked, Is.Empty);
    }

    [Test]
    public async Task A_token_address_that_fails_is_told_apart_and_leaves_what_was()
    {
        var path = await ConnectAsync(Alice);
        await AuthorizeAsync(Alice, path);
        Provider.Failures = 1;
        await ExpectFailureAsync(await BeginAsync(Alice, path), 422, "oauth_exchange_failed");
        await ExpectFailureAsync(With(await BeginAsync(Alice, path), "code", "nonsense"), 422, "oauth_exchange_refused");
        await ExpectFailureAsync(With(await BeginAsync(Alice, path), "code", null), 422, "oauth_refused");
        await ExpectFailureAsync(With(await BeginAsync(Alice, path), "error", "invalid_scope"), 422, "oauth_refused");

        Assert.That(await QueryAsync(Alice, path), Is.EqualTo(Rows));

        var inside = await ConnectAsync(Alice, "Inside", changes: new { token_url = "http://10.11.12.13/token" });
        var problem = await ExpectFailureAsync(await BeginAsync(Alice, inside), 422, "oauth_exchange_failed");
        Assert.That(problem.GetProperty("detail").GetString(), Does.Contain("not allowed").And.Not.Contain("10.11"));
    }

    [Test]
    public async Task A_connector_of_another_kind_has_nothing_to_authorize()
    {
        var created = await PostAsync(
            Alice.Client, "/api/v1/connectors", new { name = "Open", type = "http", config = new { url = $"{Provider.Url}/orders" } });
        var path = $"/api/v1/connectors/{created.GetProperty("id").GetString()}";

        using var begun = await Alice.Client.PostAsJsonAsync($"{path}/oauth/authorize", new { });
        using var unsaved = await Alice.Client.PostAsJsonAsync(
            "/api/v1/connectors",
            new
            {
                name = "Half",
                type = "http",
                config = new { url = Provider.Url, auth = new { type = "oauth2_authorization_code", client_id = "x" } },
            });

        await ExpectProblemAsync(begun, 422, "oauth_not_configured");
        Assert.That(await StatusAsync(Alice, path), Is.EqualTo("not_used"));
        var errors = (await ExpectProblemAsync(unsaved, 422, "validation_failed")).GetProperty("errors")
            .EnumerateObject().Select(error => error.Name);
        Assert.That(errors, Is.EquivalentTo(new[] { "$.config.auth.authorization_url", "$.config.auth.token_url" }));
    }

    [Test]
    public async Task What_was_granted_can_be_forgotten()
    {
        var path = await ConnectAsync(Alice);
        await AuthorizeAsync(Alice, path);
        var begun = await BeginAsync(Alice, path);

        using var removed = await Alice.Client.DeleteAsync($"{path}/oauth");

        Assert.That(removed.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
        Assert.That(await StatusAsync(Alice, path), Is.EqualTo("required"));
        Assert.That(await QueryAsync(Alice, path), Is.EqualTo("authorization_required"));
        await ExpectFailureAsync(begun, 404, "oauth_state_unknown");
    }

    [Test]
    public async Task No_token_state_or_proof_stands_anywhere_in_the_clear()
    {
        var seen = new List<string>();
        using var logs = new LogRecorder(seen);
        Application.Services.GetRequiredService<ILoggerFactory>().AddProvider(logs);
        var path = await ConnectAsync(Alice, credentials: new { client_secret = OAuthProvider.ClientSecret });
        var back = await BeginAsync(Alice, path);
        using (await Visitor().GetAsync(back))
        {
        }

        await ExecuteAsync("update connectors.oauth_grants set issued_at = now() - interval '2 hours', expires_at = now()");
        Provider.LosesAnswers = 1;
        await QueryAsync(Alice, path);
        seen.Add((await ExportAsync()).GetRawText());
        foreach (var part in new[] { "", "/oauth", "/health", "/events-log" })
        {
            using var response = await Alice.Client.GetAsync($"{path}{part}");
            seen.Add(await response.Content.ReadAsStringAsync());
        }

        seen.AddRange(await DumpAsync());

        Assert.That(Provider.Given, Has.Count.EqualTo(6), "two at first, two that were lost, two more");
        string[] secrets = [.. Provider.Given, Parameter(back, "state"), Parameter(back, "code"), OAuthProvider.ClientSecret];
        Assert.That(seen.Count(text => text.Contains(path.Split('/')[^1], StringComparison.Ordinal)), Is.GreaterThan(5));
        Assert.That(seen.Where(text => secrets.Any(secret => text.Contains(secret, StringComparison.Ordinal))), Is.Empty);
    }

    private async Task<JsonElement> ExpectFailureAsync(Uri back, int status, string code)
    {
        using var answer = await Visitor().GetAsync(back);
        return await ExpectProblemAsync(answer, status, code);
    }

    private async Task PatchAsync(string path, object body)
    {
        using var response = await Alice.Client.PatchAsJsonAsync(path, body);
        await ExpectJsonAsync(response);
    }

    private async Task<string?> TestCodeAsync(string path) =>
        (await PostAsync(Alice.Client, $"{path}/test", new { }, HttpStatusCode.OK)).GetProperty("code").GetString();

    private async Task<string> LastEventAsync(string path)
    {
        using var response = await Alice.Client.GetAsync($"{path}/events-log");
        var last = (await ExpectJsonAsync(response)).GetProperty("items")[0];
        return $"{last.GetProperty("type").GetString()} {last.GetProperty("code").GetString()}";
    }

    private async Task<JsonElement> ExportAsync()
    {
        await using var scope = Application.Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = Caller.User(Alice.Id);
        return await scope.ServiceProvider.GetRequiredService<MediatR.IMediator>().Send(new ExportConnectorsQuery());
    }

    private static async Task<List<string>> DumpAsync()
    {
        await using var connection = new NpgsqlConnection(Application.OwnerConnectionString);
        await connection.OpenAsync();
        var rows = new List<string>();
        foreach (var table in Tables)
        {
            await using var command = new NpgsqlCommand($"select one::text from {table} as one", connection);
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                rows.Add(reader.GetString(0));
            }
        }

        return rows;
    }
}
