using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace Platform.SharedKernel.Infrastructure.Egress;

/// <summary>
/// The one way out. Every connection, and so every redirect, is checked when it is made; proxies of the environment, cookies and default
/// credentials are not used.
/// </summary>
/// <param name="clients">Makes the clients.</param>
/// <param name="handlers">Makes what the clients send with.</param>
public sealed class EgressClient(IHttpClientFactory clients, IHttpMessageHandlerFactory handlers)
{
    internal const string Name = "egress";
    private const int MaxRedirects = 5;

    /// <summary>
    /// Sends a request. A GET or HEAD follows at most five redirects, to http and https alone; a redirect to another origin gets none of
    /// the request's own headers, since they may hold a secret.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The response, its headers read and its body not. Throws <see cref="EgressDeniedException"/> where an address is refused.</returns>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var current = request;
        for (var redirects = 0; ; redirects++)
        {
            var response = await SendOnceAsync(current, cancellationToken);
            if (redirects == MaxRedirects || Redirect(current, response) is not { } next)
            {
                return response;
            }

            response.Dispose();
            current = next;
        }
    }

    /// <summary>
    /// The same way out for libraries that want an <see cref="HttpClient"/>; it follows no redirects, and whoever asks for it disposes it.
    /// </summary>
    /// <param name="maxResponseBytes">Reading more of an answer fails with an <see cref="IOException"/>.</param>
    /// <returns>A client without a time limit of its own.</returns>
#pragma warning disable RS0030 // This is the egress client.
    public HttpClient CreateHttpClient(long maxResponseBytes) =>
        new(new EgressMessageHandler(handlers.CreateHandler(Name), maxResponseBytes)) { Timeout = Timeout.InfiniteTimeSpan };
#pragma warning restore RS0030

    internal static void Register(IServiceCollection services)
    {
        services.AddSingleton<OwnPorts>();
        services.AddSingleton<IEgressGuard, EgressGuard>();
        services.AddSingleton<EgressClient>();
        services.AddHttpClient(Name, client =>
            {
                client.Timeout = TimeSpan.FromSeconds(100);
                client.DefaultRequestHeaders.UserAgent.ParseAdd("Platform/1.0");
            })
            .ConfigurePrimaryHttpMessageHandler(provider =>
            {
                var guard = provider.GetRequiredService<IEgressGuard>();
                return new SocketsHttpHandler
                {
                    UseProxy = false,
                    UseCookies = false,
                    AllowAutoRedirect = false,
                    MaxResponseHeadersLength = 64,
                    ConnectTimeout = TimeSpan.FromSeconds(10),
                    PooledConnectionLifetime = TimeSpan.FromMinutes(2),
                    AutomaticDecompression = DecompressionMethods.All,
                    ConnectCallback = (context, cancellationToken) => ConnectAsync(guard, context.DnsEndPoint, cancellationToken),
                };
            });
    }

    private static HttpRequestMessage? Redirect(HttpRequestMessage request, HttpResponseMessage response)
    {
        if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308)
            || response.Headers.Location is not { } location
            || (request.Method != HttpMethod.Get && request.Method != HttpMethod.Head))
        {
            return null;
        }

        var target = new Uri(request.RequestUri!, location);
        var next = new HttpRequestMessage(request.Method, target);
        if (Uri.Compare(target, request.RequestUri, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0)
        {
            foreach (var header in request.Headers)
            {
                next.Headers.TryAddWithoutValidation(header.Key, header.Value);
            }
        }

        return next;
    }

    private async Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.RequestUri is not { IsAbsoluteUri: true, Scheme: "http" or "https" } uri || uri.UserInfo.Length > 0)
        {
            throw new EgressDeniedException(request.RequestUri?.Host ?? "");
        }

        try
        {
            return await clients.CreateClient(Name).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException exception) when (exception.InnerException is EgressDeniedException denied)
        {
            throw new EgressDeniedException(denied.Host);
        }
    }

    private static async ValueTask<Stream> ConnectAsync(IEgressGuard guard, DnsEndPoint target, CancellationToken cancellationToken)
    {
        var addresses = await guard.ResolveAsync(target.Host, target.Port, cancellationToken);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, target.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
