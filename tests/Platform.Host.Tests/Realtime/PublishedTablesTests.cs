using System.Text.Json;
using Npgsql;
using Platform.Host.Tests.Security;
using Platform.Testing;

namespace Platform.Host.Tests.Realtime;

/// <summary>Every table of the publication, found in the catalogue, with a row of each of two people who both subscribe to all of them.</summary>
public sealed class PublishedTablesTests : PlatformTest
{
    private static readonly string[] Schemas =
        ["platform", "identity", "connectors", "dashboards", "workflows", "chat", "artifacts", "auth", "storage"];

    private PlatformApplication _application = null!;
    private NpgsqlConnection _connection = null!;
    private List<Table> _published = [];
    private RowBuilder _rows = null!;
    private TestUser _alice = null!;
    private TestUser _bob = null!;

    // An application of its own: a test here takes grants away.
    [SetUp]
    public async Task StartAsync()
    {
        _application = await PlatformApplication.StartAsync();
        (_alice, _bob) = (await _application.SignInAsync(), await _application.SignInAsync());
        _connection = new NpgsqlConnection(_application.OwnerConnectionString);
        await _connection.OpenAsync();
        var tables = await Table.ReadAllAsync(_connection, Schemas);
        using var bystander = await _application.SignInAsync();
        _rows = new RowBuilder(_connection, tables, bystander.Id);
        var names = await Sql.TextsAsync(
            _connection, "select format('%I.%I', schemaname, tablename) from pg_publication_tables where pubname = 'supabase_realtime' order by 1");
        _published = [.. names.Select(name => tables.Single(table => table.Name == name))];
        Assert.That(_published, Has.Count.GreaterThan(5));
        Assert.That(_published.Where(table => table.Owner is null).Select(table => table.Name), Is.Empty, "Whose rows are these?");
    }

    [TearDown]
    public async Task StopAsync()
    {
        _alice.Dispose();
        _bob.Dispose();
        await _connection.DisposeAsync();
        await _application.DisposeAsync();
    }

    [Test]
    public async Task Each_person_sees_what_happens_to_their_own_rows()
    {
        await using var alices = await SubscribeAsync(_alice.AccessToken);
        await using var bobs = await SubscribeAsync(_bob.AccessToken);
        foreach (var table in _published)
        {
            await _rows.EnsureAsync(table, _alice.Id);
            await _rows.EnsureAsync(table, _bob.Id);
            // Both hear of a row before it goes on: a row that has changed again meanwhile is told as it is then.
            await ExpectBothAsync(alices, bobs, table, "INSERT");
            await TouchAsync(table);
            await ExpectBothAsync(alices, bobs, table, "UPDATE");
        }

        foreach (var table in _published)
        {
            await Sql.ExecuteAsync(_connection, $"delete from {table.Name}");
        }

        foreach (var table in _published)
        {
            await alices.UntilAsync(frame => IsChange(frame, table, "DELETE"));
            await bobs.UntilAsync(frame => IsChange(frame, table, "DELETE"));
        }

        Assert.That(Leaks(alices, _alice.Id).Concat(Leaks(bobs, _bob.Id)), Is.Empty);
        Assert.That(await TalkativeRemovalsAsync(alices), Is.Empty, "A removal, which all are told of, says no more than the key.");
    }

    [Test]
    public async Task Nothing_comes_of_a_table_whose_grant_was_taken_away()
    {
        foreach (var table in _published)
        {
            await _rows.EnsureAsync(table, _alice.Id);
        }

        await using var channel = await SubscribeAsync(_alice.AccessToken);
        var (kept, closed) = (_published[0], _published[1..]);
        foreach (var table in closed)
        {
            await Sql.ExecuteAsync(_connection, $"revoke select on {table.Name} from authenticated");
            await TouchAsync(table);
        }

        // Frames come in the order of the commits: when this one is there, the others are not on their way.
        await TouchAsync(kept);
        await channel.UntilAsync(frame => IsChange(frame, kept, "UPDATE"));

        Assert.That(closed.Where(table => channel.Seen(frame => IsChange(frame, table, "UPDATE")).Count > 0).Select(table => table.Name), Is.Empty);
    }

    [Test]
    public async Task Nothing_comes_once_the_session_has_ended()
    {
        var session = Guid.CreateVersion7();
        await Sql.ExecuteAsync(
            _connection, "insert into auth.sessions (id, user_id, created_at, updated_at, aal) values ($1, $2, now(), now(), 'aal1')", session, _alice.Id);
        var token = _application.TokenOf(_alice.Id, session);
        foreach (var table in _published)
        {
            await _rows.EnsureAsync(table, _alice.Id);
        }

        await using var ended = await SubscribeAsync(token);
        await using var other = await SubscribeAsync(_alice.AccessToken);
        await Sql.ExecuteAsync(_connection, "delete from auth.sessions where id = $1", session);
        await ended.UntilAsync(frame => frame.Event == "phx_close");

        foreach (var table in _published)
        {
            await TouchAsync(table);
        }

        foreach (var table in _published)
        {
            await other.UntilAsync(frame => IsChange(frame, table, "UPDATE"));
        }

        Assert.That(ended.Seen(frame => frame.Event == "postgres_changes"), Is.Empty);
    }

    private async Task<ChannelSocket> SubscribeAsync(string token)
    {
        var entries = _published.Select(table => table.Name.Split('.'))
            .Select(name => new Dictionary<string, string> { ["event"] = "*", ["schema"] = name[0], ["table"] = name[1] });
        var channel = await ChannelSocket.JoinAsync(_application, token, "all", new { postgres_changes = entries });
        var answer = await channel.UntilAsync(frame => frame.Event == "system");
        Assert.That(answer.Payload.GetProperty("status").GetString(), Is.EqualTo("ok"), answer.Payload.ToString());
        return channel;
    }

    private Task<int> TouchAsync(Table table) => Sql.ExecuteAsync(_connection, $"update {table.Name} set {table.Owner} = {table.Owner}");

    private async Task ExpectBothAsync(ChannelSocket alices, ChannelSocket bobs, Table table, string type)
    {
        await alices.UntilAsync(frame => IsChange(frame, table, type) && OwnerIn(frame, table) == _alice.Id.ToString());
        await bobs.UntilAsync(frame => IsChange(frame, table, type) && OwnerIn(frame, table) == _bob.Id.ToString());
    }

    private IEnumerable<string> Leaks(ChannelSocket channel, Guid person) =>
        from table in _published
        from frame in channel.Seen(frame => IsChange(frame, table, "INSERT") || IsChange(frame, table, "UPDATE"))
        where OwnerIn(frame, table) != person.ToString()
        select frame.Payload.ToString();

    private async Task<List<string>> TalkativeRemovalsAsync(ChannelSocket channel)
    {
        var talkative = new List<string>();
        foreach (var table in _published)
        {
            var key = await Sql.TextsAsync(
                _connection,
                """
                select a.attname::text from pg_index as i join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
                where i.indrelid = $1::text::regclass and i.indisprimary
                """,
                table.Name);
            talkative.AddRange(channel.Seen(frame => IsChange(frame, table, "DELETE"))
                .Where(frame => Data(frame).GetProperty("old_record").EnumerateObject().Any(member => !key.Contains(member.Name)))
                .Select(frame => frame.Payload.ToString()));
        }

        return talkative;
    }

    private static bool IsChange(ChannelFrame frame, Table table, string type) =>
        frame.Event == "postgres_changes"
        && $"{Data(frame).GetProperty("schema").GetString()}.{Data(frame).GetProperty("table").GetString()}" == table.Name
        && Data(frame).GetProperty("type").GetString() == type;

    private static string? OwnerIn(ChannelFrame frame, Table table) =>
        Data(frame).GetProperty("record").TryGetProperty(table.Owner!, out var owner) ? owner.GetString() : null;

    private static JsonElement Data(ChannelFrame frame) => frame.Payload.GetProperty("data");
}
