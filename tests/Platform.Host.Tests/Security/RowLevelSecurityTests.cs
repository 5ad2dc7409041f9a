using System.Text.Json;
using Npgsql;
using Platform.Testing;

namespace Platform.Host.Tests.Security;

/// <summary>Each table against each verb as its owner, as somebody else and as nobody. Tables are found by scanning.</summary>
public sealed class RowLevelSecurityTests : PlatformTest
{
    private static readonly string[] Schemas =
        ["platform", "identity", "connectors", "dashboards", "workflows", "chat", "artifacts", "auth"];

    private static readonly string[] Verbs = ["select", "insert", "update", "delete"];

    private NpgsqlConnection _connection = null!;
    private IReadOnlyList<Table> _tables = [];
    private RowBuilder _rows = null!;
    private Guid _alice;
    private Guid _bob;

    [SetUp]
    public async Task ReadCatalogueAsync()
    {
        (_alice, _bob) = ((await SignInAsync()).Id, (await SignInAsync()).Id);
        _connection = new NpgsqlConnection(Application.OwnerConnectionString);
        await _connection.OpenAsync();
        _tables = await Table.ReadAllAsync(_connection, Schemas);
        _rows = new RowBuilder(_connection, _tables, (await SignInAsync()).Id);
    }

    [TearDown]
    public async Task CloseAsync() => await _connection.DisposeAsync();

    [Test]
    public void Covers_every_table_that_a_client_may_reach()
    {
        Assert.That(_tables.Count(table => table.Owner is not null), Is.GreaterThan(30));
        Assert.That(_tables.Where(table => table.Owner is null && table.IsReachable).Select(table => table.Name), Is.Empty);
    }

    [Test]
    public async Task An_owner_does_what_the_grants_and_policies_say()
    {
        var faults = new List<string>();
        foreach (var table in Owned())
        {
            await _rows.EnsureAsync(table, _alice);
            foreach (var verb in Verbs)
            {
                var allowed = await IsAllowedAsync(table, verb);
                var done = await TryAsync(table, verb, _alice, "authenticated", _alice) > 0;
                if (allowed != done)
                {
                    faults.Add($"{verb} {table.Name}: {(allowed ? "refused to" : "open to")} its owner");
                }
            }
        }

        Assert.That(faults, Is.Empty);
    }

    [Test]
    public async Task Nobody_else_sees_or_changes_a_row_or_adds_one()
    {
        var faults = new List<string>();
        foreach (var table in Owned())
        {
            await _rows.EnsureAsync(table, _alice);
            foreach (var verb in Verbs)
            {
                if (await TryAsync(table, verb, _alice, "authenticated", _bob) > 0)
                {
                    faults.Add($"{verb} {table.Name}: open to somebody else");
                }

                if (await TryAsync(table, verb, _alice, "anon", null) > 0)
                {
                    faults.Add($"{verb} {table.Name}: open to anon");
                }

                if (await TryAsync(table, verb, _alice, "authenticated", null) > 0)
                {
                    faults.Add($"{verb} {table.Name}: open to a token without a subject");
                }
            }
        }

        Assert.That(faults, Is.Empty);
    }

    [Test]
    public async Task Nobody_gives_their_row_to_somebody_else()
    {
        var faults = new List<string>();
        foreach (var table in Owned().Where(table => !Table.IsPeople(table.Name)))
        {
            await _rows.EnsureAsync(table, _bob);
            var given = await InTransactionAsync("authenticated", _bob, () => Sql.ExecuteAsync(
                _connection, $"update {table.Name} set {table.Owner} = $1 where {table.Owner}::text = $2", _alice, _bob.ToString()));
            if (given > 0)
            {
                faults.Add(table.Name);
            }
        }

        Assert.That(faults, Is.Empty);
    }

    private IEnumerable<Table> Owned() => _tables.Where(table => table.Owner is not null);

    private async Task<bool> IsAllowedAsync(Table table, string verb)
    {
        var rows = await Sql.RowsAsync(
            _connection,
            """
            select
              (case when $2 = 'delete' then has_table_privilege('authenticated', $1, $2)
                else has_any_column_privilege('authenticated', $1, $2) end)
              and has_schema_privilege('authenticated', split_part($1, '.', 1), 'usage')
              and exists (
                select from pg_policy
                where polrelid = $1::regclass and polcmd::text in ('*', case $2 when 'select' then 'r' when 'insert' then 'a' when 'update' then 'w' else 'd' end)
                  and (polroles = '{0}' or 'authenticated'::regrole = any (polroles)))
            """,
            table.Name,
            verb);
        return (bool)rows[0][0]!;
    }

    /// <summary>How many of a person's rows a statement reached; 0 if it was refused.</summary>
    private async Task<int> TryAsync(Table table, string verb, Guid owner, string role, Guid? caller)
    {
        var fresh = verb == "insert" ? await _rows.NewAsync(table, owner) : [];
        var column = await ChangeableColumnAsync(table);
        return await InTransactionAsync(role, caller, async () => verb switch
        {
            "select" => (await Sql.RowsAsync(_connection, $"select {table.Owner} from {table.Name} where {table.Owner}::text = $1", owner.ToString())).Count,
            "insert" => await InsertAloneAsync(table, fresh, role),
            // No condition: what row-level security leaves is what is reached.
            "update" => await ReachedAsync(table, $"update {table.Name} set {column} = {column}", owner),
            _ => await ReachedAsync(table, $"delete from {table.Name}", owner),
        });
    }

    /// <summary>Into the empty table, since a person may have one row of it at most.</summary>
    private async Task<int> InsertAloneAsync(Table table, Dictionary<string, string> row, string role)
    {
        if (!Table.IsPeople(table.Name))
        {
            await Sql.RowsAsync(_connection, "select set_config('role', 'none', true)");
            await Sql.ExecuteAsync(_connection, $"delete from {table.Name}");
            await Sql.RowsAsync(_connection, "select set_config('role', $1, true)", role);
        }

        return await _rows.InsertAsync(table, row);
    }

    private async Task<int> ReachedAsync(Table table, string statement, Guid owner)
    {
        await Sql.ExecuteAsync(_connection, statement);
        await Sql.RowsAsync(_connection, "select set_config('role', 'none', true)");
        var untouched = await Sql.RowsAsync(
            _connection,
            $"select from {table.Name} where {table.Owner}::text = $1 and xmin is distinct from pg_current_xact_id()::xid",
            owner.ToString());
        return untouched.Count == 0 ? 1 : 0;
    }

    private async Task<string> ChangeableColumnAsync(Table table) =>
        (await Sql.TextsAsync(
            _connection,
            """
            select attname::text from pg_attribute
            where attrelid = $1::text::regclass and attnum > 0 and not attisdropped and attgenerated = '' and attidentity = ''
            order by has_column_privilege('authenticated', attrelid, attnum, 'select')
              and has_column_privilege('authenticated', attrelid, attnum, 'update') desc, attnum
            limit 1
            """,
            table.Name))[0];

    private async Task<int> InTransactionAsync(string role, Guid? caller, Func<Task<int>> statement)
    {
        await using var transaction = await _connection.BeginTransactionAsync();
        var claims = JsonSerializer.Serialize(caller is null ? new { role } : (object)new { role, sub = caller });
        await Sql.RowsAsync(_connection, "select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)", role, claims);
        try
        {
            return await statement();
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            return 0;
        }
        finally
        {
            await transaction.RollbackAsync();
        }
    }
}
