namespace Platform.Connectors.Types;

/// <summary>
/// A source could not be reached, or did not answer the question. The code is one of <see cref="SourceFailure"/> and the message is safe to
/// show to the connector's owner.
/// </summary>
internal sealed class SourceException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    public string Code { get; } = code;
}

/// <summary>What can go wrong at a source. The first eleven are the codes of a connection test.</summary>
internal static class SourceFailure
{
    public const string Ok = "ok";
    public const string HostNotFound = "host_not_found";
    public const string ConnectionRefused = "connection_refused";
    public const string Timeout = "timeout";
    public const string TlsFailed = "tls_failed";
    public const string AuthenticationFailed = "authentication_failed";
    public const string PermissionDenied = "permission_denied";
    public const string DatabaseNotFound = "database_not_found";
    public const string AddressNotAllowed = "address_not_allowed";
    public const string InvalidConfig = "invalid_config";

    /// <summary>A person has to authorize the connector at its provider, for the first time or again.</summary>
    public const string AuthorizationRequired = "authorization_required";

    /// <summary>The source understood the query and refused it, or could not finish it.</summary>
    public const string QueryFailed = "query_failed";

    /// <summary>
    /// The query was refused before it was sent: several statements, a statement that writes, a parameter without a value.
    /// </summary>
    public const string QueryInvalid = "query_invalid";

    /// <summary>The query ran out of its time.</summary>
    public const string QueryTimeout = "query_timeout";

    /// <summary>The query needed more memory than a query may have.</summary>
    public const string QueryTooLarge = "query_too_large";

    /// <summary>The file or the answer is not what its format says.</summary>
    public const string DataInvalid = "data_invalid";

    /// <summary>The source asks to slow down.</summary>
    public const string RateLimited = "source_rate_limited";

    /// <summary>Too many queries run here already.</summary>
    public const string Busy = "query_capacity_reached";
}
