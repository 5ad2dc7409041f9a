using System.Net.Sockets;
using System.Security.Authentication;
using Platform.SharedKernel.Infrastructure.Egress;

namespace Platform.Connectors.Types;

/// <summary>Tells apart why there is no connection. Messages name no host, no address and no user.</summary>
internal static class SocketFailures
{
    /// <summary>What a trouble of a connection is called; null for what is none.</summary>
    public static SourceException? Of(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (OfCause(cause) is { } failure)
            {
                return new SourceException(failure.Code, failure.Message, exception);
            }
        }

        return exception is IOException
            ? new SourceException(SourceFailure.ConnectionRefused, "The server closed the connection.", exception)
            : null;
    }

    private static (string Code, string Message)? OfCause(Exception cause) => cause switch
    {
        EgressDeniedException => (SourceFailure.AddressNotAllowed, "Connections to this address are not allowed from here."),
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } =>
            (SourceFailure.HostNotFound, "The host name has no address."),
        SocketException { SocketErrorCode: SocketError.TimedOut } or TimeoutException =>
            (SourceFailure.Timeout, "The server did not answer in time."),
        SocketException { SocketErrorCode: SocketError.ConnectionReset } =>
            (SourceFailure.ConnectionRefused, "The server closed the connection."),
        SocketException => (SourceFailure.ConnectionRefused, "Nothing answers at this host and port."),
        AuthenticationException => (SourceFailure.TlsFailed, "The server's certificate is not trusted, or TLS could not be agreed on."),
        _ => null,
    };
}
