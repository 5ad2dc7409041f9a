using Microsoft.AspNetCore.Http;
using Platform.LocalSupabase.Functions.Workers;
using Yarp.ReverseProxy.Forwarder;

namespace Platform.LocalSupabase.Functions;

/// <summary>What changes between the client and a function: the path loses its prefix, the answer tells where it was made.</summary>
internal sealed class FunctionTransformer(string path, FunctionProcess process, string region) : HttpTransformer
{
    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        proxyRequest.RequestUri = RequestUtilities.MakeDestinationAddress(destinationPrefix, path, httpContext.Request.QueryString);
        proxyRequest.Headers.Host = httpContext.Request.Host.Value;
        // What a client claims about its address is no address.
        proxyRequest.Headers.Remove("X-Forwarded-For");
        proxyRequest.Headers.TryAddWithoutValidation("X-Forwarded-For", httpContext.Connection.RemoteIpAddress?.ToString());
    }

    public override ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        var headers = httpContext.Response.Headers;
        foreach (var (name, _) in proxyResponse?.Headers.Concat(proxyResponse.Content.Headers) ?? [])
        {
            // The function's own words stand, and stand once.
            headers.Remove(name);
        }

        headers["x-deno-execution-id"] = process.ExecutionId;
        headers["x-sb-edge-region"] = region;
        return base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
    }
}
