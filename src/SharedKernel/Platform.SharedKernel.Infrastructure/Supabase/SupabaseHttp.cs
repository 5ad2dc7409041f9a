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
        var request = new HttpRequestMessage { Method = method, Content = content };
        Address(request, path);
        return request;
    }

    /// <summary>Gives a request its place under the project's URL, and the service key.</summary>
    public void Address(HttpRequestMessage request, string path)
    {
        request.RequestUri = new Uri($"{address.Url}/{path}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", options.Value.ServiceRoleKey);
        request.Headers.Remove("apikey");
        request.Headers.Add("apikey", options.Value.ServiceRoleKey);
    }

    public HttpClient ClientOfFunction(string name)
    {
        var handler = new FunctionHandler(name, this, handlers);
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

/// <summary>Supabase refused a request of ours.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="body">The beginning of the answer.</param>
public sealed class SupabaseException(int status, string body) : Exception($"Supabase answered {status}: {body}")
{
    /// <summary>The HTTP status.</summary>
    public int Status { get; } = status;
}
