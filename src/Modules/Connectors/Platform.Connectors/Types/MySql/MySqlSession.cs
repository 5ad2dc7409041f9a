using System.Globalization;
using MySqlConnector;

namespace Platform.Connectors.Types.MySql;

/// <summary>One connection to a source while it is ours, in one read-only transaction.</summary>
internal sealed class MySqlSession(MySqlConnection connection, Func<ValueTask> returned) : IAsyncDisposable
{
    // The modes decide how strings are read, and the scanner must read them alike: no ANSI_QUOTES, no NO_BACKSLASH_ESCAPES.
    private const string SqlMode = "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION";

    public MySqlConnection Connection { get; } = connection;

    /// <summary>Product and version, such as <c>MariaDB 10.11.6</c>.</summary>
    public string ServerName
    {
        get
        {
            // Old clients believe that a MariaDB is a MySQL 5.5.5.
            var version = Connection.ServerVersion.Replace("5.5.5-", "", StringComparison.Ordinal).Split('-')[0];
            return IsMariaDb ? $"MariaDB {version}" : $"MySQL {version}";
        }
    }

    private bool IsMariaDb => Connection.ServerVersion.Contains("MariaDB", StringComparison.OrdinalIgnoreCase);

    /// <summary>Begins the transaction, with the bounds on time and rows that the source itself keeps.</summary>
    /// <param name="limit">How long a statement may take.</param>
    /// <param name="maxRows">How many rows a statement may give, or null for all.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public async Task BeginReadOnlyAsync(TimeSpan limit, int? maxRows, CancellationToken cancellationToken)
    {
        var time = IsMariaDb
            ? string.Create(CultureInfo.InvariantCulture, $"max_statement_time = {limit.TotalSeconds:0.###}")
            : string.Create(CultureInfo.InvariantCulture, $"max_execution_time = {limit.TotalMilliseconds:0}");
        var rows = maxRows?.ToString(CultureInfo.InvariantCulture) ?? "default";
        await using var command = Connection.CreateCommand();
        command.CommandText =
            $"set session sql_mode = '{SqlMode}', session time_zone = '+00:00', session {time}, session sql_select_limit = {rows}; "
            + "start transaction with consistent snapshot, read only";
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync();
        await returned();
    }
}
