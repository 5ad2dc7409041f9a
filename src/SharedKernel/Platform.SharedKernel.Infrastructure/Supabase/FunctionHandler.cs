namespace Platform.SharedKernel.Infrastructure.Supabase;

/// <summary>Leads every request to one Edge Function, with the service key in place of whatever key a library has set.</summary>
internal sealed class FunctionHandler(string name, SupabaseHttp supabase, IHttpMessageHandlerFactory handlers) : HttpMessageHandler
{
    /// <summary>Where a library believes the function is: it is asked for an address before the Host knows its own.</summary>
    public static Uri PlaceHolder { get; } = new("https://function.invalid/");

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        supabase.Address(request, $"functions/v1/{Uri.EscapeDataString(name)}{request.RequestUri!.PathAndQuery}");
        // The factory's handler anew for each request, because whoever has this client may live as long as the process.
        return new HttpMessageInvoker(handlers.CreateHandler(SupabaseHttp.Name), disposeHandler: false).SendAsync(request, cancellationToken);
    }
}
