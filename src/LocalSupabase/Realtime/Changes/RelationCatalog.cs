using Npgsql;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Realtime.Changes;

/// <summary>
/// What the database's catalogue says of the published tables: columns, keys, whether policies stand before them, and what a role may
/// read. The feed tells of changes of rights and tables in the order of their commits, and the next question waits for the new state. Beside
/// that it is read again every few seconds, behind the back of those who ask: a change waits for no reading that most likely says the same.
/// </summary>
internal sealed class RelationCatalog(RealtimeDatabase database, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestKept = TimeSpan.FromSeconds(10);
    private readonly SemaphoreSlim _loading = new(1, 1);
    private int _version;
    private Snapshot _snapshot = new(
        DateTimeOffset.MinValue, new Dictionary<uint, Relation>(), new Dictionary<(string, uint), HashSet<string>>());

    private sealed record Snapshot(
        DateTimeOffset ReadAt,
        IReadOnlyDictionary<uint, Relation> Relations,
        IReadOnlyDictionary<(string Role, uint Relation), HashSet<string>> Readable)
    {
        public int Version { get; init; }
    }

    private sealed record Row(uint Id, string Schema, string Name, bool HasRowSecurity, string Column, string Type, string SqlType, bool IsKey, string[] Readers);

    /// <summary>All published tables.</summary>
    public async Task<IEnumerable<Relation>> AllAsync(CancellationToken cancellationToken) => (await LoadAsync(cancellationToken)).Relations.Values;

    /// <summary>A published table, or null.</summary>
    public async Task<Relation?> FindAsync(uint id, CancellationToken cancellationToken) =>
        (await LoadAsync(cancellationToken)).Relations.GetValueOrDefault(id);

    /// <summary>The columns that a role may read.</summary>
    public async Task<IReadOnlySet<string>> ReadableAsync(string role, Relation relation, CancellationToken cancellationToken) =>
        (await LoadAsync(cancellationToken)).Readable.GetValueOrDefault((role, relation.Id), []);

    /// <summary>Reads the catalogue anew at the next question, since the feed has told of a change.</summary>
    public void Invalidate() => Interlocked.Increment(ref _version);

    public void Dispose() => _loading.Dispose();

    private async Task<Snapshot> LoadAsync(CancellationToken cancellationToken)
    {
        var known = _snapshot;
        if (IsYounger(known, LongestKept))
        {
            if (!IsYounger(known, KeptFor) && _loading.Wait(0, CancellationToken.None))
            {
                _ = Task.Run(RenewAsync, CancellationToken.None);
            }

            return known;
        }

        await _loading.WaitAsync(cancellationToken);
        try
        {
            if (!IsYounger(_snapshot, LongestKept))
            {
                await RefreshAsync(cancellationToken);
            }

            return _snapshot;
        }
        finally
        {
            _loading.Release();
        }
    }

    private async Task RenewAsync()
    {
        try
        {
            await RefreshAsync(CancellationToken.None);
        }
        catch (Exception exception) when (exception is NpgsqlException or ObjectDisposedException)
        {
            // What is known stays for its time; then whoever asks gets the trouble.
        }
        finally
        {
            _loading.Release();
        }
    }

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        // The version of before: what changes while the catalogue is read may be in it or not.
        var version = Volatile.Read(ref _version);
        _snapshot = await ReadAsync(cancellationToken) with { Version = version };
    }

    private bool IsYounger(Snapshot snapshot, TimeSpan age) =>
        snapshot.Version == Volatile.Read(ref _version) && clock.GetUtcNow() - snapshot.ReadAt < age;

    private async Task<Snapshot> ReadAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.Service.OpenConnectionAsync(cancellationToken);
        var rows = await connection.Command(
            """
            select c.oid, n.nspname::text, c.relname::text, c.relrowsecurity, a.attname::text, t.typname::text, format_type(t.oid, null),
              coalesce(a.attnum = any (i.indkey), false),
              array(select r from unnest(array['anon', 'authenticated', 'service_role']) as r
                    where has_schema_privilege(r, n.oid, 'usage') and has_column_privilege(r, c.oid, a.attnum, 'select'))
            from pg_publication_tables as p
            join pg_namespace as n on n.nspname = p.schemaname
            join pg_class as c on c.relname = p.tablename and c.relnamespace = n.oid
            join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attname = any (p.attnames)
            join pg_type as t on t.oid = a.atttypid
            left join pg_index as i on i.indrelid = c.oid and i.indisprimary
            where p.pubname = 'supabase_realtime'
            order by c.oid, a.attnum
            """).ListAsync(Read, cancellationToken);
        var relations = new Dictionary<uint, Relation>();
        var readable = new Dictionary<(string, uint), HashSet<string>>();
        foreach (var table in rows.GroupBy(row => row.Id))
        {
            var first = table.First();
            relations[table.Key] = new Relation(
                table.Key, first.Schema, first.Name, [.. table.Select(row => new RelationColumn(row.Column, row.Type, row.SqlType, row.IsKey))], first.HasRowSecurity);
            foreach (var (role, column) in table.SelectMany(row => row.Readers.Select(role => (role, row.Column))))
            {
                if (!readable.TryGetValue((role, table.Key), out var columns))
                {
                    readable[(role, table.Key)] = columns = new HashSet<string>(StringComparer.Ordinal);
                }

                columns.Add(column);
            }
        }

        return new Snapshot(clock.GetUtcNow(), relations, readable);
    }

    private static Row Read(NpgsqlDataReader reader) => new(
        reader.GetFieldValue<uint>(0), reader.GetString(1), reader.GetString(2), reader.GetBoolean(3), reader.GetString(4), reader.GetString(5),
        reader.GetString(6), reader.GetBoolean(7), reader.GetFieldValue<string[]>(8));
}
