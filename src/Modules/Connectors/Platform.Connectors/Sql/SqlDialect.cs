using System.Globalization;
using System.Text;

namespace Platform.Connectors.Sql;

/// <summary>
/// How one kind of source reads the text of a statement, as far as it must be known to find its end, its strings and its comments. Where
/// the scanner and the source would read differently, a statement could hide in what the scanner takes for a comment.
/// </summary>
internal sealed record SqlDialect
{
    /// <summary>DuckDB, whose locked database holds what the scanner lets through.</summary>
    public static readonly SqlDialect Standard = new()
    {
        Verbs = ["select", "with", "values", "table", "show", "explain", "from", "describe", "summarize", "pivot", "unpivot"],
        HasDollarQuotes = true,
        HasEscapeStrings = true,
        NestsComments = true,
        // Functions with an effect of their own, and those that take what they are given for addresses in memory.
        RefusedNames =
        [
            "enable_logging", "disable_logging", "truncate_duckdb_logs", "write_log", "arrow_scan*", "pandas_scan", "python_map_function",
            "getenv",
        ],
    };

    /// <summary>
    /// PostgreSQL. A read-only transaction holds what writes to tables, and nothing else: functions that read the server's files, reach
    /// other servers, hold locks beyond the transaction, change settings or run a text as SQL are refused by their names.
    /// </summary>
    public static readonly SqlDialect Postgres = Standard with
    {
        RefusedNames =
        [
            // Files of the server.
            "pg_read_*", "pg_stat_file", "pg_ls_*", "pg_file_*", "pg_logdir_ls", "pg_current_logfile", "pg_hba_file_rules",
            "pg_ident_file_mappings", "pg_rotate_logfile*", "pg_export_snapshot",
            // Large objects; older servers write them in a read-only transaction too.
            "lo_import", "lo_export", "lo_creat", "lo_create", "lo_unlink", "lo_put", "lo_from_bytea", "lo_open", "lo_truncate*", "lowrite",
            // A session of its own at this or another server.
            "dblink*",
            // A text that is run as SQL would hide all the other names.
            "query_to_xml*", "cursor_to_xml*", "ts_stat", "ts_rewrite", "crosstab*", "connectby",
            // The session, other sessions and the server itself.
            "set_config", "pg_advisory_*", "pg_try_advisory_*", "pg_notify", "pg_terminate_backend", "pg_cancel_backend", "pg_reload_conf",
            "pg_log_*", "pg_stat_reset*", "pg_switch_wal", "pg_switch_xlog", "pg_create_*", "pg_drop_replication_slot", "pg_copy_*",
            "pg_replication_*", "pg_logical_*", "pg_sync_*", "pg_promote", "pg_wal_replay_*", "pg_backup_*", "pg_start_backup",
            "pg_stop_backup", "pg_import_system_collations", "binary_upgrade_*",
        ],
        HasUnicodeNames = true,
        // EXPLAIN ANALYZE CREATE TABLE … AS creates the table, in a read-only transaction too.
        RefusedInExplain = ["create", "execute", "declare"],
    };

    /// <summary>MySQL and MariaDB, with the <c>sql_mode</c> that the session sets.</summary>
    public static readonly SqlDialect MySql = new()
    {
        Verbs = ["select", "with", "values", "table", "show", "explain", "describe", "desc"],
        NameQuotes = "`",
        HasHashComments = true,
        HasBackslashes = true,
        HasExecutableComments = true,
        // SELECT … INTO OUTFILE writes a file at the source, in a read-only transaction too.
        RefusedWords = ["into"],
        // So do functions that read files, run programs, or hold locks beyond the transaction.
        RefusedNames =
        [
            "load_file", "sys_exec", "sys_eval", "sys_get", "sys_set", "get_lock", "release_lock", "release_all_locks", "master_pos_wait",
            "source_pos_wait", "master_gtid_wait", "wait_for_executed_gtid_set",
        ],
        IsPositional = true,
    };

    /// <summary>SQLite.</summary>
    public static readonly SqlDialect Sqlite = new()
    {
        Verbs = ["select", "with", "values", "explain"],
        NameQuotes = "`[",
        NumberPrefix = '?',
    };

    /// <summary>What may stand first. All else could write, or act outside the transaction (COPY … TO PROGRAM, DO, CALL).</summary>
    public required IReadOnlyList<string> Verbs { get; init; }

    /// <summary>Words that may stand nowhere outside of strings, quoted names and comments.</summary>
    public IReadOnlyList<string> RefusedWords { get; init; } = [];

    /// <summary>The same where the statement begins with EXPLAIN.</summary>
    public IReadOnlyList<string> RefusedInExplain { get; init; } = [];

    /// <summary>
    /// Names that may stand nowhere, quoted or not, called or not: some sources call <c>f(x)</c> where <c>(x).f</c> is written. A star at
    /// the end stands for any rest.
    /// </summary>
    public IReadOnlyList<string> RefusedNames { get; init; } = [];

    /// <summary><c>U&amp;"…"</c> is a name that hides its letters: refused, since nobody needs it to read.</summary>
    public bool HasUnicodeNames { get; init; }

    /// <summary>What opens a quoted name, besides the double quote.</summary>
    public string NameQuotes { get; init; } = "";

    /// <summary><c>$$…$$</c> is a string.</summary>
    public bool HasDollarQuotes { get; init; }

    /// <summary><c>E'…'</c> knows the backslash, a plain string does not.</summary>
    public bool HasEscapeStrings { get; init; }

    /// <summary>Every string knows the backslash.</summary>
    public bool HasBackslashes { get; init; }

    /// <summary><c>#</c> begins a comment, and <c>--</c> does only before white space.</summary>
    public bool HasHashComments { get; init; }

    /// <summary><c>/*! … */</c> is run: refused, since nobody needs it to read.</summary>
    public bool HasExecutableComments { get; init; }

    /// <summary>A comment may stand in a comment.</summary>
    public bool NestsComments { get; init; }

    /// <summary>Placeholders are <c>?</c> without a number: a value is given once for each place.</summary>
    public bool IsPositional { get; init; }

    /// <summary>What stands before a placeholder's number.</summary>
    public char NumberPrefix { get; init; } = '$';

    /// <summary>Whether a name is among <see cref="RefusedNames"/>.</summary>
    public bool Refuses(ReadOnlySpan<char> name)
    {
        foreach (var refused in RefusedNames)
        {
            if (refused[^1] == '*'
                ? name.StartsWith(refused.AsSpan(0, refused.Length - 1), StringComparison.OrdinalIgnoreCase)
                : name.Equals(refused, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Writes a placeholder as the source reads it.</summary>
    public void WritePlaceholder(StringBuilder text, int number)
    {
        if (IsPositional)
        {
            text.Append('?');
        }
        else
        {
            text.Append(NumberPrefix).Append(number.ToString(CultureInfo.InvariantCulture));
        }
    }
}
