using System.Globalization;

namespace Platform.LocalSupabase.Postgres;

/// <summary>How the server is started. On the command line, so that a newer Host's settings reach an older cluster.</summary>
internal static class ServerSettings
{
    private static readonly KeyValuePair<string, string>[] BuiltIn =
    [
        new("listen_addresses", "127.0.0.1"),
        // No socket files: they would need a short private folder and leave lock files of their own behind.
        new("unix_socket_directories", ""),
        new("max_connections", "200"),
        new("password_encryption", "scram-sha-256"),
        new("fsync", "on"),
        // Row changes are read from the log by Realtime; a reader that is gone for good must not fill the disk.
        new("wal_level", "logical"),
        new("max_replication_slots", "16"),
        new("max_wal_senders", "16"),
        new("max_slot_wal_keep_size", "1GB"),
        // Short queries are what this serves; compiling them costs more than it saves.
        new("jit", "off"),
        new("timezone", "UTC"),
        new("log_timezone", "UTC"),
        new("log_line_prefix", "%m [%p] %q%u@%d "),
        new("log_checkpoints", "off"),
        new("cluster_name", "platform"),
    ];

    public static IEnumerable<string> Arguments(string clusterDirectory, int port, IReadOnlyDictionary<string, string> settings)
    {
        yield return "-D";
        yield return clusterDirectory;
        yield return "-p";
        yield return port.ToString(CultureInfo.InvariantCulture);

        // A later -c wins over an earlier one.
        foreach (var (name, value) in BuiltIn.Concat(settings))
        {
            yield return "-c";
            yield return $"{name}={value}";
        }
    }
}
