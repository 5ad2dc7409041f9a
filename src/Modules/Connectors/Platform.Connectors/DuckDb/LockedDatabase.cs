using System.Globalization;
using DuckDB.NET.Data;

namespace Platform.Connectors.DuckDb;

/// <summary>
/// A DuckDB in memory that can read and write files of one folder and nothing else: no other path, no network, no extension, no spilling
/// to disk, and no way to change that.
/// </summary>
internal sealed class LockedDatabase : IDisposable
{
    private LockedDatabase(DuckDBConnection connection) => Connection = connection;

    public DuckDBConnection Connection { get; }

    public static LockedDatabase Open(string folder, WorkerLimits limits)
    {
        var connection = new DuckDBConnection("DataSource=:memory:");
        var database = new LockedDatabase(connection);
        try
        {
            connection.Open();
            database.Lock(folder, limits);
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    public void Execute(string sql)
    {
        using var command = Command(sql);
        command.ExecuteNonQuery();
    }

    public DuckDBCommand Command(string sql)
    {
        var command = Connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }

    public void Dispose() => Connection.Dispose();

    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    // The order matters: the folder must be allowed before outside access is switched off, and the lock comes last. A cache of files would
    // fill with what nobody finds again, since each request's files have another name.
    private void Lock(string folder, WorkerLimits limits)
    {
        string[] settings =
        [
            $"allowed_directories = [{Literal(folder)}]",
            string.Create(CultureInfo.InvariantCulture, $"memory_limit = '{limits.MemoryMegabytes}MB'"),
            string.Create(CultureInfo.InvariantCulture, $"threads = {limits.Threads}"),
            "max_temp_directory_size = '0MB'",
            "temp_directory = ''",
            "enable_external_file_cache = false",
            "autoinstall_known_extensions = false",
            "autoload_known_extensions = false",
            "allow_community_extensions = false",
            "allow_persistent_secrets = false",
            "enable_external_access = false",
            "TimeZone = 'UTC'",
            "lock_configuration = true",
        ];
        foreach (var setting in settings)
        {
            Execute($"set {setting}");
        }
    }
}
