using System.Net.Http.Json;

namespace Platform.SharedKernel.Infrastructure.Supabase;

/// <summary>Supabase Edge Functions.</summary>
public sealed class FunctionsGateway
{
    private readonly SupabaseHttp _http;

    internal FunctionsGateway(SupabaseHttp http) => _http = http;

    /// <summary>Calls a function.</summary>
    /// <param name="name">The function.</param>
    /// <param name="body">The JSON body.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The response, its body not yet read, so that it can be streamed.</returns>
    public async Task<HttpResponseMessage> InvokeAsync(string name, object body, CancellationToken cancellationToken)
    {
        using var content = JsonContent.Create(body);
        using var request = _http.Request(HttpMethod.Post, $"functions/v1/{Uri.EscapeDataString(name)}", content);
        return await _http.SendAsync(request, cancellationToken);
    }

    /// <summary>A client for libraries that bring a protocol of their own: whatever path they ask for, the function answers.</summary>
    /// <param name="name">The function.</param>
    /// <returns>The client, whose base address leads nowhere but to the function. It sets no limit to the time of an answer.</returns>
    public HttpClient CreateClient(string name) => _http.ClientOfFunction(name);
}
