using System.Text.Json;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Realtime;

/// <summary>Changes of rows: who hears of them, in which order, and what they look like.</summary>
public sealed class ChangeTests
{
    private const string Table = "realtime_changes";
    private LocalSupabaseServer _server = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _server = await LocalSupabaseServer.StartAsync();
        await SharedPostgres.SqlAsync(
            $"""
            create table public.{Table} (
              id bigint primary key, owner uuid not null, n integer, price numeric, done boolean, tags text[], data jsonb,
              at timestamptz, secret text, body text);
            alter table public.{Table} enable row level security;
            create policy own on public.{Table} for select to authenticated using (owner = auth.uid());
            revoke all on public.{Table} from anon, authenticated;
            grant select (id, owner, n, price, done, tags, data, at, body) on public.{Table} to authenticated;
            grant select on public.{Table} to service_role;
            alter publication supabase_realtime add table public.{Table}
            """);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _server.DisposeAsync();
        await SharedPostgres.SqlAsync($"drop table public.{Table}");
    }

    [SetUp]
    public Task EmptyAsync() => SharedPostgres.SqlAsync($"delete from public.{Table}");

    [Test]
    public async Task Tells_an_owner_of_a_row_in_json_by_its_types()
    {
        var (client, owner) = await SubscribeAsync();
        using var _ = client;

        await SharedPostgres.SqlAsync(
            $$"""
            insert into public.{{Table}} values (1, @owner, 7, 12.50, true, '{a,"b c",null}', '{"x": [1]}', '2026-01-31 12:00:00.5+00', 'hidden', 'text')
            """,
            ("owner", owner));
        var data = (await NextAsync(client)).GetProperty("data");

        Assert.That(data.GetProperty("type").GetString(), Is.EqualTo("INSERT"));
        var row = JsonElement.Parse(data.GetProperty("record").GetRawText());
        Assert.That(row.GetRawText(), Is.EqualTo(
            $$"""{"id":1,"owner":"{{owner}}","n":7,"price":12.50,"done":true,"tags":["a","b c",null],"data":{"x": [1]},"at":"2026-01-31T12:00:00.5+00:00","body":"text"}"""));
        Assert.That(data.GetProperty("columns").EnumerateArray().Select(column => column.GetProperty("name").GetString()), Does.Not.Contain("secret"));
        Assert.That(data.GetProperty("errors").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public async Task Nobody_hears_of_anothers_row_and_nobody_of_a_row_that_is_no_longer_theirs()
    {
        var (alice, aliceId) = await SubscribeAsync();
        var (bob, bobId) = await SubscribeAsync();
        using var first = alice;
        using var second = bob;

        await SharedPostgres.SqlAsync($"insert into public.{Table} (id, owner, n) values (1, @owner, 1)", ("owner", aliceId));
        // A change is judged by the row as it stands when it is told.
        Assert.That(N(await NextAsync(alice)), Is.EqualTo(1));
        await SharedPostgres.SqlAsync($"update public.{Table} set owner = @owner, n = 2 where id = 1", ("owner", bobId));
        await SharedPostgres.SqlAsync($"update public.{Table} set n = 3 where id = 1");

        var bobs = new[] { await NextAsync(bob), await NextAsync(bob) }.Select(N);
        Assert.That(bobs, Is.EqualTo(new[] { 2, 3 }));
        Assert.That(await alice.StaysSilentAsync(frame => HasRow(frame) && N(frame.Payload) > 1, TimeSpan.FromMilliseconds(500)), Is.True);
    }

    [Test]
    public async Task A_revoked_grant_ends_what_is_told()
    {
        var (client, owner) = await SubscribeAsync();
        using var _ = client;
        await SharedPostgres.SqlAsync($"insert into public.{Table} (id, owner, n) values (1, @owner, 1)", ("owner", owner));
        await NextAsync(client);

        await SharedPostgres.SqlAsync($"revoke select (id, owner, n, price, done, tags, data, at, body) on public.{Table} from authenticated");
        try
        {
            await SharedPostgres.SqlAsync($"update public.{Table} set n = 2 where id = 1");

            Assert.That(await client.StaysSilentAsync(HasRow, TimeSpan.FromMilliseconds(700)), Is.True);
        }
        finally
        {
            await SharedPostgres.SqlAsync($"grant select (id, owner, n, price, done, tags, data, at, body) on public.{Table} to authenticated");
        }
    }

    [Test]
    public async Task Ten_thousand_changes_come_completely_and_in_the_order_of_their_commits()
    {
        const int Rows = 10_000;
        var (client, owner) = await SubscribeAsync();
        using var _ = client;

        var receiving = Task.Run(async () =>
        {
            var seen = new List<int>(Rows);
            while (seen.Count < Rows)
            {
                seen.Add(N(await NextAsync(client)));
            }

            return seen;
        });
        for (var start = 1; start <= Rows; start += 500)
        {
            await SharedPostgres.SqlAsync(
                $"insert into public.{Table} (id, owner, n) select i, @owner, i from generate_series({start}, {start + 499}) as i", ("owner", owner));
        }

        Assert.That(await receiving.WaitAsync(TimeSpan.FromSeconds(60)), Is.EqualTo(Enumerable.Range(1, Rows)));
    }

    [TestCase("n=gt.5", true)]
    [TestCase("n=gt.7", false)]
    [TestCase("n=in.(1,7,9)", true)]
    [TestCase("n=not.eq.7", false)]
    [TestCase("price=lte.12.5", true)]
    [TestCase("done=is.true", true)]
    [TestCase("body=like.te*", true)]
    [TestCase("body=ilike.TEXT", true)]
    [TestCase("body=match.^t.x", true)]
    [TestCase("data=is.null", true)]
    [TestCase("n=eq.7,body=eq.other", false)]
    [TestCase("at=gt.2026-01-01", true)]
    public async Task A_filter_is_compared_by_the_columns_type(string filter, bool matches)
    {
        var (client, owner) = await SubscribeAsync(filter);
        using var _ = client;

        await SharedPostgres.SqlAsync(
            $"insert into public.{Table} (id, owner, n, price, done, body, at) values (1, @owner, 7, 12.5, true, 'text', '2026-02-01')", ("owner", owner));

        Assert.That(
            await client.StaysSilentAsync(HasRow, TimeSpan.FromMilliseconds(matches ? 20_000 : 500)),
            Is.EqualTo(!matches));
    }

    [TestCase("unknown=eq.1")]
    [TestCase("n=eq.many")]
    [TestCase("n=near.7")]
    [TestCase("secret=eq.x")]
    public async Task A_filter_that_does_not_fit_is_told(string filter)
    {
        var (client, _) = await JoinAsync(filter);
        using var connected = client;

        var system = await client.UntilAsync(frame => frame.Event == "system");

        Assert.That(system.Payload.GetProperty("status").GetString(), Is.EqualTo("error"));
    }

    /// <summary>A commit that waits for a standby is in the log, and nobody sees it yet.</summary>
    [Test]
    public async Task A_change_that_is_told_before_it_is_seen_is_not_lost()
    {
        var (client, owner) = await SubscribeAsync();
        using var _ = client;
        await SetStandbysAsync("nobody");
        var (n, committing) = (0, Task.CompletedTask);
        try
        {
            // The first ones may be committed before the server has read its new settings.
            while (committing.IsCompleted && n < 20)
            {
                n++;
                committing = SharedPostgres.SqlAsync($"insert into public.{Table} (id, owner, n) values ({n}, @owner, {n})", ("owner", owner));

                // Long enough for the change to be told.
                await Task.WhenAny(committing, Task.Delay(500));
            }

            Assert.That(committing.IsCompleted, Is.False);
        }
        finally
        {
            await SetStandbysAsync("");
        }

        await committing;
        await client.UntilAsync(frame => HasRow(frame) && N(frame.Payload) == n);
    }

    [TestCase("id, owner")]
    [TestCase("body, price")]
    [TestCase("at")]
    [TestCase("done, tags")]
    public async Task A_row_is_found_by_whatever_key_its_table_has(string key)
    {
        await SharedPostgres.SqlAsync(
            $"alter table public.{Table} drop constraint {Table}_pkey; alter table public.{Table} add constraint {Table}_pkey primary key ({key})");
        try
        {
            var (client, owner) = await SubscribeAsync();
            using var _ = client;

            await SharedPostgres.SqlAsync(
                $$"""insert into public.{{Table}} values (1, @owner, 7, 12.50, true, '{a,"b c"}', '{}', '2026-01-31 12:00:00.5+00', '', 'a "text"')""",
                ("owner", owner));

            Assert.That(N(await NextAsync(client)), Is.EqualTo(7));
        }
        finally
        {
            await SharedPostgres.SqlAsync(
                $"""
                delete from public.{Table};
                alter table public.{Table} drop constraint {Table}_pkey;
                alter table public.{Table} alter body drop not null, alter price drop not null, alter at drop not null, alter done drop not null,
                  alter tags drop not null, alter owner set not null, add constraint {Table}_pkey primary key (id)
                """);
        }
    }

    [Test]
    public async Task A_token_that_runs_out_ends_the_channel()
    {
        var (client, owner) = await SubscribeAsync();
        using var connected = client;
        var token = LocalSupabaseServer.SignShared(new { sub = owner, role = "authenticated", exp = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 2 });
        await client.SendAsync("realtime:changes", "access_token", new System.Text.Json.Nodes.JsonObject { ["access_token"] = token });

        var system = await client.UntilAsync(frame => frame.Event == "system");

        Assert.That(system.Payload.GetProperty("message").GetString(), Does.StartWith("Token has expired"));
        await client.UntilAsync(frame => frame.Event == "phx_close");
    }

    private static async Task SetStandbysAsync(string names)
    {
        await SharedPostgres.SqlAsync($"alter system set synchronous_standby_names = '{names}'");
        await SharedPostgres.SqlAsync("select pg_reload_conf()");
    }

    private static int N(JsonElement payload) => payload.GetProperty("data").GetProperty("record").GetProperty("n").GetInt32();

    private static async Task<JsonElement> NextAsync(SocketClient client) => (await client.UntilAsync(HasRow)).Payload;

    // What the set-up removes may be told to a client that has come just then.
    private static bool HasRow(Frame frame) =>
        frame.Event == "postgres_changes" && frame.Payload.GetProperty("data").TryGetProperty("record", out _);

    private async Task<(SocketClient Client, Guid Owner)> SubscribeAsync(string? filter = null)
    {
        var (client, owner) = await JoinAsync(filter);
        var system = await client.UntilAsync(frame => frame.Event == "system");
        Assert.That(system.Payload.GetProperty("status").GetString(), Is.EqualTo("ok"), system.Payload.GetRawText());
        return (client, owner);
    }

    private async Task<(SocketClient Client, Guid Owner)> JoinAsync(string? filter)
    {
        var owner = Guid.CreateVersion7();
        var client = await SocketClient.ConnectAsync(_server);
        var token = LocalSupabaseServer.SignShared(new { sub = owner, role = "authenticated", exp = 4102444800 });
        var joined = await client.JoinAsync(
            "changes", new { postgres_changes = new[] { new { @event = "*", schema = "public", table = Table, filter } } }, token);
        Assert.That(joined.GetProperty("response").GetProperty("postgres_changes")[0].GetProperty("id").ValueKind, Is.EqualTo(JsonValueKind.Number));
        return (client, owner);
    }
}
