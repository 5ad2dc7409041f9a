using System.Net.Http.Headers;
using Microsoft.Extensions.Options;

namespace Platform.SharedKernel.Infrastructure.Supabase;

/// <summary>Leads every request to one Edge Function, with the service key in place of whatever key a library has set.</summary>
internal sealed class FunctionHandler(string name, SupabaseAddress address, IOptions<SupabaseOptions> options) : DelegatingHandler
{
    /// <summary>Where a library believes the function is: it is asked for an address before the Host knows its own.</summary>
    public static Uri PlaceHolder { get; } = new("https://function.invalid/");

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.RequestUri = new Uri($"{address.Url}/functions/v1/{Uri.EscapeDataString(name)}{request.RequestUri!.PathAndQuery}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", options.Value.ServiceRoleKey);
        request.Headers.Remove("apikey");
        request.Headers.Add("apikey", options.Value.ServiceRoleKey);
        return base.SendAsync(request, cancellationToken);
    }
}
