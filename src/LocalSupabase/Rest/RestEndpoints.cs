using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Platform.LocalSupabase.Http;

namespace Platform.LocalSupabase.Rest;

/// <summary>The REST API of the database, <c>rest/v1</c>: the part of PostgREST that official clients use.</summary>
internal static class RestEndpoints
{
    public static IServiceCollection AddRest(this IServiceCollection services) => services.AddSingleton<RestDatabase>();

    public static void MapRest(this IEndpointRouteBuilder routes)
    {
        var rest = routes.MapGroup("/rest/v1").AllowAnonymous().ExcludeFromDescription()
            .WithOpenCors("Content-Range, Content-Location, Location, Preference-Applied, Range-Unit");
        rest.AddEndpointFilter<ApiKeyGateway>();
        rest.MapMethods("/rpc/{name}", ["GET", "HEAD", "POST"], (string name, HttpContext context) =>
            AnswerAsync(context, call => CallRoutine.HandleAsync(call, name)));
        rest.MapMethods("/{table}", ["GET", "HEAD", "POST", "PATCH", "DELETE"], (string table, HttpContext context) =>
            AnswerAsync(context, HandlerOf(context, table)));
    }

    private static Func<RestCall, Task<RestAnswer>> HandlerOf(HttpContext context, string table) => context.Request.Method switch
    {
        "POST" => call => WriteRows.InsertAsync(call, table),
        "PATCH" => call => WriteRows.UpdateAsync(call, table),
        "DELETE" => call => WriteRows.DeleteAsync(call, table),
        _ => call => ReadRows.HandleAsync(call, table),
    };

    private static async Task AnswerAsync(HttpContext context, Func<RestCall, Task<RestAnswer>> work)
    {
        var database = context.RequestServices.GetRequiredService<RestDatabase>();
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = database.Options.MaxBodyBytes;
        }

        var role = "anon";
        try
        {
            var caller = await database.CallerAsync(context.Request);
            role = caller.Role;
            await SendAsync(context, await database.RunAsync(context, caller, work));
        }
        catch (RestException exception)
        {
            await RefuseAsync(context, exception);
        }
        catch (PostgresException exception)
        {
            await RefuseAsync(context, PostgresErrors.Translate(exception, role));
        }
        catch (BadHttpRequestException exception)
        {
            await RefuseAsync(context, new RestException(exception.StatusCode, "PGRST102", exception.Message));
        }
        catch (Exception exception) when (!context.RequestAborted.IsCancellationRequested)
        {
            context.RequestServices.GetRequiredService<ILogger<RestDatabase>>().RestRequestFailed(exception);
            await RefuseAsync(context, new RestException(500, "PGRST000", "Something went wrong"));
        }
    }

    private static async Task SendAsync(HttpContext context, RestAnswer answer)
    {
        context.Response.StatusCode = answer.Status;
        if (answer.ContentRange is { } range)
        {
            context.Response.Headers.ContentRange = range;
        }

        if (answer.Json is { } json)
        {
            var single = context.Request.Headers.Accept.ToString().StartsWith("application/vnd.pgrst.object", StringComparison.Ordinal);
            context.Response.ContentType = single ? "application/vnd.pgrst.object+json; charset=utf-8" : "application/json; charset=utf-8";
            if (!HttpMethods.IsHead(context.Request.Method))
            {
                await context.Response.WriteAsync(json, context.RequestAborted);
            }
        }
    }

    private static Task RefuseAsync(HttpContext context, RestException exception)
    {
        context.Response.StatusCode = exception.Status;
        if (exception.Status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        return context.Response.WriteAsJsonAsync(
            new JsonObject
            {
                ["code"] = exception.Code,
                ["message"] = exception.Message,
                ["details"] = exception.Details,
                ["hint"] = exception.Hint,
            },
            context.RequestAborted);
    }
}
