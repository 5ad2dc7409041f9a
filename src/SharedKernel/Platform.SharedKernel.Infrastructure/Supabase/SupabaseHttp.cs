using System.Net.Http.Headers;
using Microsoft.Extensions.Options;

namespace Platform.SharedKernel.Infrastructure.Supabase;

/// <summary>Requests to Supabase with the service key: the seam behind which all gateways stand.</summary>
internal sealed class SupabaseHttp(
    IHttpClientFactory clients, IHttpMessageHandlerFactory handlers, SupabaseAddress address, IOptions<SupabaseOptions> options)
{
    public const string Name = "supabase";

    public HttpRequestMessage Request(HttpMethod method, string path, HttpContent? content = null)
    {
        var request = new HttpRequestMessage(method, $"{address.Url}/{path}") { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", options.Value.ServiceRoleKey);
        request.Headers.Add("apikey", options.Value.ServiceRoleKey);
        return request;
    }

    public HttpClient ClientOfFunction(string name)
    {
        var handler = new FunctionHandler(name, address, options) { InnerHandler = new FreshHandler(handlers) };
#pragma warning disable RS0030 // Its connections are the factory's.
        return new HttpClient(handler) { BaseAddress = FunctionHandler.PlaceHolder, Timeout = Timeout.InfiniteTimeSpan };
#pragma warning restore RS0030
    }

    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await clients.CreateClient(Name).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            var body = await response.Content.ReadAsStringAsync(cancellationToken);
            throw new SupabaseException((int)response.StatusCode, body.Length > 500 ? body[..500] : body);
        }
    }
}

/// <summary>Takes the factory's handler anew for each request, because whoever is made from this may live as long as the process.</summary>
internal sealed class FreshHandler(IHttpMessageHandlerFactory handlers) : HttpMessageHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        new HttpMessageInvoker(handlers.CreateHandler(SupabaseHttp.Name), disposeHandler: false).SendAsync(request, cancellationToken);
}

/// <summary>Supabase refused a request of ours.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="body">The beginning of the answer.</param>
public sealed class SupabaseException(int status, string body) : Exception($"Supabase answered {status}: {body}")
{
    /// <summary>The HTTP status.</summary>
    public int Status { get; } = status;
}
