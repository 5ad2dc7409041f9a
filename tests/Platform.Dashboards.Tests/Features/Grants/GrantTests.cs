using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using Platform.Testing;

namespace Platform.Dashboards.Tests.Features.Grants;

public sealed class GrantTests : PlatformTest
{
    private const string Dashboards = "/api/v1/dashboards";

    private TestUser _owner = null!;
    private TestUser _friend = null!;
    private TestUser _stranger = null!;
    private Guid _dashboard;
    private Guid _widget;

    private string Path => $"{Dashboards}/{_dashboard}";

    [SetUp]
    public async Task MakeDashboardAsync()
    {
        (_owner, _friend, _stranger) = (await SignInAsync(), await SignInAsync(), await SignInAsync());
        _dashboard = (await PostAsync(_owner.Client, Dashboards, new { name = "Sales" })).GetProperty("id").GetGuid();
        _widget = (await PostAsync(_owner.Client, $"{Path}/widgets", new { type = "text", config = new { text = "Hello" } })).GetProperty("id").GetGuid();
    }

    [Test]
    public async Task A_viewer_sees_the_dashboard_and_changes_nothing()
    {
        await GiveAsync("view");

        using var read = await GetAsync(_friend, Path);
        using var widget = await GetAsync(_friend, $"/api/v1/widgets/{_widget}");
        using var renamed = await _friend.Client.PatchAsJsonAsync(Path, new { name = "Mine" });
        using var added = await _friend.Client.PostAsJsonAsync($"{Path}/widgets", new { type = "text", config = new { text = "Mine" } });
        using var changed = await _friend.Client.PatchAsJsonAsync($"/api/v1/widgets/{_widget}", new { config = new { text = "Mine" } });
        using var removed = await _friend.Client.DeleteAsync(new Uri(Path, UriKind.Relative));

        Assert.That((await ExpectJsonAsync(read)).GetProperty("widgets").GetArrayLength(), Is.EqualTo(1));
        await ExpectJsonAsync(widget);
        await ExpectProblemAsync(renamed, 403, "dashboard_view_only");
        await ExpectProblemAsync(added, 403, "dashboard_view_only");
        await ExpectProblemAsync(changed, 403, "dashboard_view_only");
        await ExpectProblemAsync(removed, 403, "dashboard_not_yours");
    }

    [Test]
    public async Task An_editor_changes_the_dashboard_and_its_widgets_for_its_owner()
    {
        await GiveAsync("edit");

        using var renamed = await _friend.Client.PatchAsJsonAsync(Path, new { name = "Better" });
        var added = await PostAsync(_friend.Client, $"{Path}/widgets", new { type = "text", config = new { text = "Added" } });
        using var changed = await _friend.Client.PatchAsJsonAsync($"/api/v1/widgets/{_widget}", new { config = new { text = "Changed" } });
        using var removed = await _friend.Client.DeleteAsync(new Uri($"/api/v1/widgets/{added.GetProperty("id").GetGuid()}", UriKind.Relative));

        Assert.That((await ExpectJsonAsync(renamed)).GetProperty("name").GetString(), Is.EqualTo("Better"));
        await ExpectJsonAsync(changed);
        Assert.That(removed.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
        var seen = await ExpectJsonAsync(await GetAsync(_owner, Path));
        Assert.That(seen.GetProperty("widgets")[0].GetProperty("config").GetProperty("text").GetString(), Is.EqualTo("Changed"));
        Assert.That(await Application.ScalarAsync<Guid>("select user_id from dashboards.dashboards"), Is.EqualTo(_owner.Id));
    }

    [Test]
    public async Task An_editor_neither_deletes_nor_shares_it_nor_chooses_a_connector()
    {
        await GiveAsync("edit");
        var connector = await PostAsync(
            _friend.Client, "/api/v1/connectors", new { name = "mine", type = "http", config = new { url = "http://127.0.0.1:9/" } });

        using var removed = await _friend.Client.DeleteAsync(new Uri(Path, UriKind.Relative));
        using var shared = await _friend.Client.PostAsJsonAsync($"{Path}/grants", new { email = _stranger.Email, role = "view" });
        using var listed = await GetAsync(_friend, $"{Path}/grants");
        using var connected = await _friend.Client.PatchAsJsonAsync(
            $"/api/v1/widgets/{_widget}", new { connector_id = connector.GetProperty("id").GetGuid() });

        await ExpectProblemAsync(removed, 403, "dashboard_not_yours");
        await ExpectProblemAsync(shared, 403, "dashboard_not_yours");
        await ExpectProblemAsync(listed, 403, "dashboard_not_yours");
        await ExpectProblemAsync(connected, 403, "dashboard_not_yours");
    }

    [Test]
    public async Task A_third_person_sees_nothing()
    {
        await GiveAsync("edit");

        using var read = await GetAsync(_stranger, Path);
        using var grants = await GetAsync(_stranger, $"{Path}/grants");
        using var given = await _stranger.Client.PostAsJsonAsync($"{Path}/grants", new { email = _stranger.Email, role = "view" });

        await ExpectProblemAsync(read, 404, "dashboard_not_found");
        await ExpectProblemAsync(grants, 404, "dashboard_not_found");
        await ExpectProblemAsync(given, 404, "dashboard_not_found");
    }

    [Test]
    public async Task Lists_what_is_ones_own_apart_from_what_others_share()
    {
        await GiveAsync("view");
        await PostAsync(_friend.Client, Dashboards, new { name = "Sales" });

        var own = await ExpectJsonAsync(await GetAsync(_friend, Dashboards));
        var shared = await ExpectJsonAsync(await GetAsync(_friend, $"{Dashboards}/shared"));

        Assert.That(own.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetGuid()), Has.None.EqualTo(_dashboard));
        var item = shared.GetProperty("items").EnumerateArray().Single();
        Assert.That(item.GetProperty("id").GetGuid(), Is.EqualTo(_dashboard));
        Assert.That(item.GetProperty("owner_id").GetGuid(), Is.EqualTo(_owner.Id));
        Assert.That(item.GetProperty("role").GetString(), Is.EqualTo("view"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Ends_when_its_giver_or_its_holder_ends_it(bool byOwner)
    {
        var grant = await GiveAsync("view");
        var listed = await ExpectJsonAsync(await GetAsync(_owner, $"{Path}/grants"));

        using var strange = await _stranger.Client.DeleteAsync(new Uri($"{Path}/grants/{grant}", UriKind.Relative));
        using var ended = await (byOwner ? _owner : _friend).Client.DeleteAsync(new Uri($"{Path}/grants/{grant}", UriKind.Relative));

        Assert.That(listed.GetProperty("items")[0].GetProperty("email").GetString(), Is.EqualTo(_friend.Email));
        await ExpectProblemAsync(strange, 404, "grant_not_found");
        Assert.That(ended.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
        await ExpectProblemAsync(await GetAsync(_friend, Path), 404, "dashboard_not_found");
        Assert.That(
            await Application.ScalarAsync<string>("select string_agg(action, ',' order by sequence) from identity.audit_log where user_id = $1", _owner.Id),
            Is.EqualTo("grant.given,grant.ended"));
    }

    [Test]
    public async Task Ends_with_the_dashboard()
    {
        await GiveAsync("view");

        using var removed = await _owner.Client.DeleteAsync(new Uri(Path, UriKind.Relative));
        await Application.DeliverEventsAsync();

        Assert.That(removed.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
        Assert.That(await Application.ScalarAsync<long>("select count(*) from identity.grants"), Is.Zero);
    }

    [Test]
    public async Task Refuses_what_cannot_be_given()
    {
        await GiveAsync("view");

        using var twice = await _owner.Client.PostAsJsonAsync($"{Path}/grants", new { email = _friend.Email, role = "edit" });
        using var self = await _owner.Client.PostAsJsonAsync($"{Path}/grants", new { email = _owner.Email, role = "view" });
        using var nobody = await _owner.Client.PostAsJsonAsync($"{Path}/grants", new { email = "nobody@example.org", role = "view" });
        using var role = await _owner.Client.PostAsJsonAsync($"{Path}/grants", new { email = _stranger.Email, role = "own" });

        await ExpectProblemAsync(twice, 409, "grant_exists");
        await ExpectProblemAsync(self, 422, "grant_to_oneself");
        await ExpectProblemAsync(nobody, 422, "grantee_not_found");
        await ExpectProblemAsync(role, 422, "validation_failed");
    }

    [Test]
    public async Task The_database_itself_lets_a_viewer_change_nothing_and_an_editor_take_nothing()
    {
        await GiveAsync("view");
        Assert.That(await ExecuteAsAsync(_friend, $"update dashboards.dashboards set name = 'x' where id = '{_dashboard}'"), Is.Zero);
        Assert.That(await ExecuteAsAsync(_friend, $"update dashboards.widgets set width = 1 where id = '{_widget}'"), Is.Zero);
        Assert.That(await ExecuteAsAsync(_friend, $"delete from dashboards.widgets where id = '{_widget}'"), Is.Zero);

        await Application.ScalarAsync<int>("update identity.grants set role = 'edit'");

        Assert.That(await ExecuteAsAsync(_friend, $"update dashboards.dashboards set name = 'x' where id = '{_dashboard}'"), Is.EqualTo(1));
        Assert.That(await ExecuteAsAsync(_friend, $"delete from dashboards.dashboards where id = '{_dashboard}'"), Is.Zero);
        Assert.That(
            Assert.ThrowsAsync<PostgresException>(() => ExecuteAsAsync(_friend, $"update dashboards.dashboards set user_id = '{_friend.Id}'"))!.SqlState,
            Is.EqualTo(PostgresErrorCodes.InsufficientPrivilege));
    }

    [Test]
    public async Task A_grant_by_somebody_else_than_the_owner_opens_nothing()
    {
        await ExecuteAsAsync(
            _stranger,
            $"insert into identity.grants (id, object_type, object_id, user_id, owner_id, role) "
            + $"values (gen_random_uuid(), 'dashboard', '{_dashboard}', '{_friend.Id}', '{_stranger.Id}', 'edit')");

        using var response = await GetAsync(_friend, Path);

        await ExpectProblemAsync(response, 404, "dashboard_not_found");
    }

    [Test]
    public async Task An_owner_does_not_pay_for_the_grants()
    {
        await GiveAsync("view");

        var plan = await PlanAsync(_owner, $"select * from dashboards.dashboards where id = '{_dashboard}'");

        Assert.That(plan, Does.Contain("granted").And.Contain("never executed"), plan);
    }

    private static Task<HttpResponseMessage> GetAsync(TestUser user, string path) => user.Client.GetAsync(new Uri(path, UriKind.Relative));

    private static Task<int> ExecuteAsAsync(TestUser user, string sql) => AsAsync(user, sql, command => command.ExecuteNonQueryAsync());

    private static Task<string> PlanAsync(TestUser user, string sql) =>
        AsAsync(user, $"explain (analyze, costs off, timing off) {sql}", async command =>
        {
            await using var reader = await command.ExecuteReaderAsync();
            var lines = new List<string>();
            while (await reader.ReadAsync())
            {
                lines.Add(reader.GetString(0));
            }

            return string.Join('\n', lines);
        });

    private static async Task<T> AsAsync<T>(TestUser user, string sql, Func<NpgsqlCommand, Task<T>> run)
    {
        await using var connection = new NpgsqlConnection(Application.OwnerConnectionString);
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var identity = new NpgsqlCommand("select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)", connection)
        {
            Parameters = { new() { Value = JsonSerializer.Serialize(new { sub = user.Id, role = "authenticated" }) } },
        };
        await identity.ExecuteNonQueryAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        var result = await run(command);
        await transaction.CommitAsync();
        return result;
    }

    private async Task<Guid> GiveAsync(string role) =>
        (await PostAsync(_owner.Client, $"{Path}/grants", new { email = _friend.Email, role })).GetProperty("id").GetGuid();
}
