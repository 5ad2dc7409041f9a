using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Platform.SharedKernel.Infrastructure.Egress;

namespace Platform.Connectors.Types.Http;

/// <summary>Tells apart why a request has no answer. Messages name no host and no address.</summary>
internal static class HttpFailures
{
    public static bool IsSourceTrouble(Exception exception) =>
        exception is HttpRequestException or IOException or EgressDeniedException or SocketException or AuthenticationException
            or UriFormatException;

    public static SourceException Of(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case SourceException source:
                    return source;
                case EgressDeniedException:
                    return new(SourceFailure.AddressNotAllowed, "Calls to this address are not allowed from here.", exception);
                case SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain }:
                    return new(SourceFailure.HostNotFound, "The host name has no address.", exception);
                case SocketException { SocketErrorCode: SocketError.TimedOut } or TimeoutException:
                    return new(SourceFailure.Timeout, "The source did not answer in time.", exception);
                case SocketException:
                    return new(SourceFailure.ConnectionRefused, "Nothing answers at this host and port.", exception);
                case AuthenticationException:
                    return new(SourceFailure.TlsFailed, "The source's certificate is not trusted, or TLS failed.", exception);
                case HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError }:
                    return new(SourceFailure.TlsFailed, "The source does not speak TLS as expected.", exception);
            }
        }

        return new(SourceFailure.ConnectionRefused, "The source closed the connection.", exception);
    }

    public static SourceException OfStatus(HttpStatusCode status) => (int)status switch
    {
        401 => new(SourceFailure.AuthenticationFailed, "The source does not accept the credentials (401)."),
        403 => new(SourceFailure.PermissionDenied, "The source refuses access with these credentials (403)."),
        429 => new(SourceFailure.RateLimited, "The source asks to slow down (429)."),
        >= 500 and var code => new(SourceFailure.ConnectionRefused, $"The source answered {code}."),
        var code => new(SourceFailure.QueryFailed, $"The source answered {code}."),
    };
}
