using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Platform.LocalSupabase.Http;

/// <summary>
/// Any origin may call the services: the bearer token is the right, there are no cookies. The headers stand on errors too, or a
/// browser hides what went wrong.
/// </summary>
internal static class Cors
{
    private const string Methods = "GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS";

    private const string RequestHeaders =
        "authorization, content-type, apikey, accept, range, if-none-match, if-modified-since, cache-control, content-encoding, " +
        "x-client-info, x-supabase-api-version, x-upsert, x-metadata, x-region, x-signature, x-client-ip, x-use-cookie, x-jwt-aud, " +
        "prefer, accept-profile, content-profile, traceparent, tracestate, baggage, " +
        "tus-resumable, upload-length, upload-offset, upload-metadata, upload-defer-length, x-http-method-override";

    public static RouteGroupBuilder WithOpenCors(this RouteGroupBuilder group, string exposedHeaders)
    {
        group.AddEndpointFilter((context, next) =>
        {
            Write(context.HttpContext, exposedHeaders);
            return next(context);
        });
        group.MapMethods("/{**path}", [HttpMethods.Options], () => TypedResults.NoContent()).WithMetadata(new WithoutApiKey());
        return group;
    }

    private static void Write(HttpContext context, string exposedHeaders)
    {
        var headers = context.Response.Headers;
        headers.AccessControlAllowOrigin = "*";
        headers.AccessControlExposeHeaders = exposedHeaders;
        if (HttpMethods.IsOptions(context.Request.Method))
        {
            headers.AccessControlAllowMethods = Methods;
            headers.AccessControlAllowHeaders = RequestHeaders;
            headers.AccessControlMaxAge = "3600";
        }
    }
}
