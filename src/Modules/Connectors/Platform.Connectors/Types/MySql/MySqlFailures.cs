using System.Net.Sockets;
using System.Security.Authentication;
using MySqlConnector;
using Platform.SharedKernel.Infrastructure.Egress;

namespace Platform.Connectors.Types.MySql;

/// <summary>Tells apart why a connection or a query failed. Messages name no host, no address and no user.</summary>
internal static class MySqlFailures
{
    // Numbers that the driver's list lacks.
    private const int StatementTimeout = 1969;
    private const int ConnectionKilled = 1927;
    private const int AccessDeniedWithoutPassword = 1698;
    private const int RoutineAccessDenied = 1370;
    private const int PrivilegeMissing = 1227;

    private static readonly SocketError[] Unanswered =
        [SocketError.ConnectionRefused, SocketError.HostUnreachable, SocketError.NetworkUnreachable];

    /// <summary>What a trouble is called; null for what is no trouble of the source.</summary>
    public static SourceException? Of(Exception exception)
    {
        if (exception is SourceException source)
        {
            return source;
        }

        if (exception is MySqlException { Number: > 0 } answer && OfAnswer(answer) is { } known)
        {
            return known;
        }

        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (OfCause(cause) is { } failure)
            {
                return new SourceException(failure.Code, failure.Message, exception);
            }
        }

        return exception switch
        {
            MySqlException when Says(exception, "SSL") =>
                new(SourceFailure.TlsFailed, "The server does not offer TLS, and ssl_mode demands it.", exception),
            MySqlException when Says(exception, "Authentication method") =>
                new(SourceFailure.AuthenticationFailed, "This account can sign in over TLS alone; set ssl_mode to require.", exception),
            MySqlException when Says(exception, "Timeout expired") =>
                new(SourceFailure.Timeout, "The server did not answer in time.", exception),
            MySqlException or IOException => new(SourceFailure.ConnectionRefused, "The server closed the connection.", exception),
            _ => null,
        };
    }

    /// <summary>Whether another address of the same host may be luckier.</summary>
    public static bool IsUnreachable(Exception exception) =>
        exception is MySqlException { ErrorCode: MySqlErrorCode.UnableToConnectToHost } or SocketException or IOException
            or SourceException { Code: SourceFailure.Timeout };

    private static SourceException? OfAnswer(MySqlException answer) => answer.ErrorCode switch
    {
        MySqlErrorCode.AccessDenied or (MySqlErrorCode)AccessDeniedWithoutPassword or MySqlErrorCode.NotSupportedAuthMode =>
            new(SourceFailure.AuthenticationFailed, "The server does not accept this username and password.", answer),
        MySqlErrorCode.DatabaseAccessDenied =>
            new(SourceFailure.PermissionDenied, "The user may not use this database.", answer),
        MySqlErrorCode.UnknownDatabase => new(SourceFailure.DatabaseNotFound, "The server has no such database.", answer),
        MySqlErrorCode.ConnectionCountError or MySqlErrorCode.TooManyUserConnections =>
            new(SourceFailure.ConnectionRefused, "The server has no free connection.", answer),
        MySqlErrorCode.HostIsBlocked or MySqlErrorCode.HostNotPrivileged =>
            new(SourceFailure.ConnectionRefused, "The server accepts no connections from here.", answer),
        MySqlErrorCode.QueryTimeout or MySqlErrorCode.QueryInterrupted or (MySqlErrorCode)StatementTimeout =>
            new(SourceFailure.QueryTimeout, "The query ran out of its time.", answer),
        (MySqlErrorCode)ConnectionKilled => new(SourceFailure.ConnectionRefused, "The server ended the connection.", answer),
        MySqlErrorCode.CannotExecuteInReadOnlyTransaction =>
            new(SourceFailure.QueryInvalid, "A query reads: the source runs it in a read-only transaction.", answer),
        MySqlErrorCode.TableAccessDenied or MySqlErrorCode.ColumnAccessDenied or (MySqlErrorCode)RoutineAccessDenied
            or (MySqlErrorCode)PrivilegeMissing => new(SourceFailure.PermissionDenied, "The user may not read this.", answer),
        MySqlErrorCode.UnableToConnectToHost or MySqlErrorCode.None => null,
        _ => new(SourceFailure.QueryFailed, $"{answer.Message} (SQLSTATE {answer.SqlState}).", answer),
    };

    private static (string Code, string Message)? OfCause(Exception cause) => cause switch
    {
        EgressDeniedException => (SourceFailure.AddressNotAllowed, "Connections to this address are not allowed from here."),
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } =>
            (SourceFailure.HostNotFound, "The host name has no address."),
        SocketException { SocketErrorCode: SocketError.TimedOut } => (SourceFailure.Timeout, "The server did not answer in time."),
        SocketException socket when Unanswered.Contains(socket.SocketErrorCode) =>
            (SourceFailure.ConnectionRefused, "Nothing answers at this host and port."),
        AuthenticationException => (SourceFailure.TlsFailed, "The server's certificate is not trusted, or TLS could not be agreed on."),
        TimeoutException or OperationCanceledException => (SourceFailure.Timeout, "The server did not answer in time."),
        _ => null,
    };

    private static bool Says(Exception exception, string words) => exception.Message.Contains(words, StringComparison.OrdinalIgnoreCase);
}
