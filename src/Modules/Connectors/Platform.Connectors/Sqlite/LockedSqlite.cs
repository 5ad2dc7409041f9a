using System.Globalization;
using Microsoft.Data.Sqlite;
using Platform.Connectors.DuckDb;
using SQLitePCL;

namespace Platform.Connectors.Sqlite;

/// <summary>
/// A foreign SQLite file, open for reading in a worker. Its schema is not trusted, nothing can be attached, loaded, set or written, and
/// memory is bounded. The file is taken as it is: no journal beside it is read or made.
/// </summary>
internal sealed class LockedSqlite : IDisposable
{
    private const int MaxValueBytes = 32 * 1024 * 1024;
    private static readonly Lock Loading = new();
    private static bool _isLoaded;

    private LockedSqlite(SqliteConnection connection) => Connection = connection;

    public SqliteConnection Connection { get; }

    public static LockedSqlite Open(string path, WorkerLimits limits)
    {
        Load();
        var settings = new SqliteConnectionStringBuilder
        {
            DataSource = $"file:{Uri.EscapeDataString(path).Replace("%2F", "/", StringComparison.Ordinal)}?immutable=1",
            Mode = SqliteOpenMode.ReadOnly,
            Pooling = false,
        };
        var database = new LockedSqlite(new SqliteConnection(settings.ConnectionString));
        try
        {
            database.Connection.Open();
            database.Restrict(limits);
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>From here on a statement may only select; what is needed of the catalogue was read before.</summary>
    public void AllowReadingAlone() => _ = raw.sqlite3_set_authorizer(Connection.Handle, Authorize, null);

    public SqliteCommand Command(string sql)
    {
        var command = Connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }

    /// <summary>Ends the statement that runs when the time is over.</summary>
    public CancellationTokenRegistration InterruptWith(CancellationToken cancellationToken) =>
        cancellationToken.Register(() => raw.sqlite3_interrupt(Connection.Handle));

    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public void Dispose() => Connection.Dispose();

    private static void Load()
    {
        lock (Loading)
        {
            if (!_isLoaded)
            {
                Batteries_V2.Init();
                _isLoaded = true;
            }
        }
    }

    private static int Authorize(object userData, int action, utf8z first, utf8z second, utf8z database, utf8z trigger) => action switch
    {
        raw.SQLITE_SELECT or raw.SQLITE_READ or raw.SQLITE_RECURSIVE => raw.SQLITE_OK,
        raw.SQLITE_FUNCTION => second.utf8_to_string() is "load_extension" or "fts3_tokenizer" ? raw.SQLITE_DENY : raw.SQLITE_OK,
        // Full-text tables ask so whether their file has changed.
        raw.SQLITE_PRAGMA => first.utf8_to_string() == "data_version" ? raw.SQLITE_OK : raw.SQLITE_DENY,
        _ => raw.SQLITE_DENY,
    };

    private void Restrict(WorkerLimits limits)
    {
        var handle = Connection.Handle!;
        _ = raw.sqlite3_db_config(handle, raw.SQLITE_DBCONFIG_DEFENSIVE, 1, out _);
        _ = raw.sqlite3_db_config(handle, raw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, out _);
        _ = raw.sqlite3_db_config(handle, raw.SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, out _);
        _ = raw.sqlite3_enable_load_extension(handle, 0);
        _ = raw.sqlite3_limit(handle, raw.SQLITE_LIMIT_ATTACHED, 0);
        _ = raw.sqlite3_limit(handle, raw.SQLITE_LIMIT_LENGTH, MaxValueBytes);
        string[] settings =
        [
            "query_only = on",
            "cell_size_check = on",
            "mmap_size = 0",
            "temp_store = memory",
            string.Create(CultureInfo.InvariantCulture, $"hard_heap_limit = {limits.MemoryMegabytes * 1024L * 1024}"),
        ];
        foreach (var setting in settings)
        {
            using var command = Command($"pragma {setting}");
            command.ExecuteNonQuery();
        }
    }
}
