using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Platform.SharedKernel.Infrastructure.Database;
using Platform.SharedKernel.Paging;

namespace Platform.SharedKernel.Infrastructure.Http;

/// <summary>What every route of the API has without asking: ETag, If-None-Match, If-Match and Idempotency-Key.</summary>
public static class ResourceFilters
{
    private const int MaxKeyLength = 255;

    /// <summary>Adds the filters to a group of routes.</summary>
    /// <param name="group">A module's group.</param>
    /// <returns>The group.</returns>
    public static RouteGroupBuilder WithResourceFilters(this RouteGroupBuilder group)
    {
        ArgumentNullException.ThrowIfNull(group);
        return group.AddEndpointFilter(async (context, next) =>
        {
            var http = context.HttpContext;
            ReadIfMatch(http);
            var result = await next(context);
            return ApplyVersion(http, result);
        });
    }

    /// <summary>
    /// Reads <c>Idempotency-Key</c> (IETF draft "The Idempotency-Key HTTP Header Field") of a POST, before the body is bound: the key
    /// holds for the very bytes of the body.
    /// </summary>
    /// <param name="app">The pipeline, after authentication.</param>
    /// <returns>The pipeline.</returns>
    public static IApplicationBuilder UseIdempotencyKeys(this IApplicationBuilder app) =>
        app.Use((http, next) =>
            HttpMethods.IsPost(http.Request.Method)
            && http.Request.Headers.TryGetValue("Idempotency-Key", out var values)
            && http.User.Identity?.IsAuthenticated == true
                ? TakeKeyAsync(http, values.ToString(), next)
                : next(http));

    private static async Task TakeKeyAsync(HttpContext http, string key, RequestDelegate next)
    {
        if (key.Length is 0 or > MaxKeyLength || key.Any(char.IsControl))
        {
            await new Problem(400, "idempotency_key_invalid", $"An Idempotency-Key has 1 to {MaxKeyLength} characters.").WriteAsync(http);
            return;
        }

        http.Request.EnableBuffering();
        http.RequestServices.GetRequiredService<IdempotencyGuard>().Request(key, await HashAsync(http.Request));
        http.Request.Body.Position = 0;
        await next(http);
    }

    private static async Task<byte[]> HashAsync(HttpRequest request)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(System.Text.Encoding.UTF8.GetBytes($"{request.Method} {request.Path}{request.QueryString}\n"));
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, request.HttpContext.RequestAborted)) > 0)
        {
            hash.AppendData(buffer, 0, read);
        }

        return hash.GetHashAndReset();
    }

    private static void ReadIfMatch(HttpContext http)
    {
        if (http.Request.Headers.IfMatch is { Count: > 0 } ifMatch
            && ifMatch.ToString() is var text and not "*"
            && !HttpMethods.IsGet(http.Request.Method))
        {
            Guid? id = Guid.TryParse(http.Request.RouteValues["id"]?.ToString(), out var value) ? value : null;
            http.RequestServices.GetRequiredService<Preconditions>().Require(id, text);
        }
    }

    private static object? ApplyVersion(HttpContext http, object? result)
    {
        var value = result is INestedHttpResult nested ? nested.Result : result;
        if ((value as IValueHttpResult)?.Value is not VersionedResponse { Version: { } version })
        {
            return result;
        }

        var tag = version.ETag;
        http.Response.Headers.ETag = tag;
        if (!HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method))
        {
            return result;
        }

        http.Response.Headers.CacheControl = "private, no-cache";
        return http.Request.Headers.IfNoneMatch is { Count: > 0 } known
            && known.ToString().Split(',', StringSplitOptions.TrimEntries).Any(candidate => candidate == "*" || candidate.EndsWith(tag, StringComparison.Ordinal))
            ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : result;
    }
}
