using System.Net;
using System.Text;
using Platform.SharedKernel.Infrastructure.Egress;

namespace Platform.Connectors.Types.Http;

/// <summary>Sends requests of a connector, at the pace that the source asks for.</summary>
internal sealed class HttpSender(EgressClient egress, HttpAuthenticator authenticator, TimeProvider clock)
{
    private const int MaxAttempts = 4;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(60);

    /// <summary>Sends a request and sends it again where the source asks for patience, or for a new token.</summary>
    /// <param name="settings">The connector.</param>
    /// <param name="source">Its config: method, headers and auth.</param>
    /// <param name="url">The address.</param>
    /// <param name="body">The JSON of a POST, or null.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <param name="accept">The media types that are wanted.</param>
    /// <param name="isAnswer">Which failures are answers too; by default none.</param>
    /// <returns>The answer, its headers read and its body not; throws a <see cref="SourceException"/> for every other status.</returns>
    public async Task<HttpResponseMessage> SendAsync(
        ConnectorSettings settings, HttpSource source, Uri url, string? body, CancellationToken cancellationToken,
        string accept = "application/json", Func<HttpStatusCode, bool>? isAnswer = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var request = new HttpRequestMessage(source.Method, url);
            request.Headers.Accept.ParseAdd(accept);
            foreach (var (name, value) in await authenticator.HeadersAsync(settings, source, cancellationToken))
            {
                request.Headers.Remove(name);
                request.Headers.TryAddWithoutValidation(name, value);
            }

            if (body is not null && source.Method != HttpMethod.Get)
            {
                request.Content = new StringContent(body, Encoding.UTF8, "application/json");
            }

            var response = await egress.SendAsync(request, cancellationToken);
            if (response.IsSuccessStatusCode || isAnswer?.Invoke(response.StatusCode) == true)
            {
                return response;
            }

            var (status, pause) = (response.StatusCode, PauseOf(response, attempt));
            response.Dispose();
            var mayRetry = status is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable
                or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout;
            if (status == HttpStatusCode.Unauthorized && attempt == 1 && authenticator.Renews(settings, source))
            {
                continue;
            }

            if (!mayRetry || attempt == MaxAttempts || pause > LongestPause)
            {
                throw HttpFailures.OfStatus(status);
            }

            await Task.Delay(pause, clock, cancellationToken);
        }
    }

    private TimeSpan PauseOf(HttpResponseMessage response, int attempt) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date > clock.GetUtcNow() ? date - clock.GetUtcNow() : TimeSpan.Zero,
        _ => TimeSpan.FromMilliseconds(250 * Math.Pow(2, attempt)),
    };
}
