using System.Globalization;

namespace Platform.Connectors.Types.Redis;

/// <summary>Tells apart why a command has no answer.</summary>
internal static class RedisFailures
{
    /// <summary>The exception for an error reply; <c>MOVED 3999 127.0.0.1:6381</c> names the server that has the key.</summary>
    public static Exception Of(string error)
    {
        var words = error.Split(' ');
        var colon = words.Length == 3 && words[0] == "MOVED" ? words[2].LastIndexOf(':') : -1;
        return colon > 0 && int.TryParse(words[2].AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? new RedisMovedException(words[2][..colon], port)
            : OfError(error);
    }

    // The first word is the kind, the rest speaks of the caller's command.
    private static SourceException OfError(string error) => error.Split(' ')[0] switch
    {
        "NOAUTH" or "WRONGPASS" => new(SourceFailure.AuthenticationFailed, "The server does not accept this username and password."),
        "NOPERM" or "DENIED" => new(SourceFailure.PermissionDenied, "The user may not do this."),
        "LOADING" or "MASTERDOWN" or "CLUSTERDOWN" => new(SourceFailure.ConnectionRefused, "The server is not ready."),
        "MOVED" or "ASK" => new(SourceFailure.QueryFailed, "The key is at another server of the cluster."),
        _ when error.Contains("DB index", StringComparison.Ordinal) =>
            new(SourceFailure.DatabaseNotFound, "The server has no such database."),
        _ when error.Contains("max number of clients", StringComparison.Ordinal) =>
            new(SourceFailure.ConnectionRefused, "The server has no free connection."),
        _ => new(SourceFailure.QueryFailed, error),
    };
}
