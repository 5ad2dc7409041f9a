using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;
using Platform.SharedKernel.Infrastructure.Egress;

namespace Platform.Connectors.Types.Postgres;

/// <summary>Tells apart why a connection or a query failed. Messages name no host, no address and no user.</summary>
internal static class PostgresFailures
{
    /// <summary>Why there is no connection.</summary>
    public static SourceException OnConnect(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (OfCause(cause) is { } failure)
            {
                return new SourceException(failure.Code, failure.Message, exception);
            }
        }

        // Npgsql says only in words that the server speaks no TLS.
        return exception.Message.Contains("SSL", StringComparison.Ordinal)
            ? new SourceException(SourceFailure.TlsFailed, "The server does not offer TLS, and ssl_mode demands it.", exception)
            : new SourceException(SourceFailure.ConnectionRefused, "The server closed the connection.", exception);
    }

    /// <summary>Why a query has no result: the source's own words, which speak of the caller's query.</summary>
    public static SourceException OnQuery(Exception exception) => exception switch
    {
        SourceException source => source,
        PostgresException { SqlState: PostgresErrorCodes.QueryCanceled } =>
            new SourceException(SourceFailure.QueryTimeout, "The query ran out of its time.", exception),
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } denied =>
            new SourceException(SourceFailure.PermissionDenied, denied.MessageText, exception),
        PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } =>
            new SourceException(SourceFailure.QueryInvalid, "A query reads: the source runs it in a read-only transaction.", exception),
        PostgresException failed => new SourceException(SourceFailure.QueryFailed, DescribeError(failed), exception),
        _ => OnConnect(exception),
    };

    public static bool IsSourceTrouble(Exception exception) =>
        exception is NpgsqlException or SocketException or IOException or TimeoutException or AuthenticationException
            or EgressDeniedException or SourceException;

    private static string DescribeError(PostgresException exception)
    {
        var hint = string.IsNullOrEmpty(exception.Hint) ? "" : $" Hint: {exception.Hint}";
        return $"{exception.MessageText} (SQLSTATE {exception.SqlState}).{hint}";
    }

    private static (string Code, string Message)? OfCause(Exception cause) => cause switch
    {
        EgressDeniedException => (SourceFailure.AddressNotAllowed, "Connections to this address are not allowed from here."),
        PostgresException { SqlState: "28P01" or "28000" } =>
            (SourceFailure.AuthenticationFailed, "The server does not accept this username and password."),
        PostgresException { SqlState: "3D000" } => (SourceFailure.DatabaseNotFound, "The server has no such database."),
        PostgresException { SqlState: "42501" } => (SourceFailure.PermissionDenied, "The user may not connect to this database."),
        PostgresException { SqlState: "53300" } => (SourceFailure.ConnectionRefused, "The server has no free connection."),
        PostgresException { SqlState: "57P03" } => (SourceFailure.ConnectionRefused, "The server is starting or stopping."),
        PostgresException other => (SourceFailure.ConnectionRefused, $"The server refused the connection (SQLSTATE {other.SqlState})."),
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } =>
            (SourceFailure.HostNotFound, "The host name has no address."),
        SocketException { SocketErrorCode: SocketError.TimedOut } => (SourceFailure.Timeout, "The server did not answer in time."),
        SocketException => (SourceFailure.ConnectionRefused, "Nothing answers at this host and port."),
        AuthenticationException => (SourceFailure.TlsFailed, "The server's certificate is not trusted, or TLS could not be agreed on."),
        TimeoutException or OperationCanceledException => (SourceFailure.Timeout, "The server did not answer in time."),
        _ => null,
    };
}
