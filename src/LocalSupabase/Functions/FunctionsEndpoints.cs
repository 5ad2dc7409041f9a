using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Platform.LocalSupabase.Functions.Deno;
using Platform.LocalSupabase.Functions.Workers;
using Platform.LocalSupabase.Http;

namespace Platform.LocalSupabase.Functions;

/// <summary>The Edge Functions, <c>functions/v1</c>: the table of contents.</summary>
internal static class FunctionsEndpoints
{
    public static IServiceCollection AddFunctions(this IServiceCollection services) => services
        .AddHttpForwarder()
        .AddSingleton<FunctionCatalog>()
        .AddSingleton<DenoEnvironment>()
        .AddSingleton<ModuleGraph>()
        .AddSingleton<FunctionStarter>()
        .AddSingleton<FunctionHost>()
        .AddHostedService(provider => provider.GetRequiredService<FunctionHost>())
        .AddSingleton<InvokeFunction>();

    public static void MapFunctions(this IEndpointRouteBuilder routes)
    {
        // A function decides itself who may call it without a key, and answers the questions of browsers (CORS).
        var functions = routes.MapGroup("/functions/v1").AllowAnonymous().ExcludeFromDescription().WithMetadata(new WithoutApiKey());
        functions.AddEndpointFilter<ApiKeyGateway>();
        functions.Map("/{name}/{**rest}", InvokeAsync);
        functions.Map("/", Unknown);
    }

    private static Task Unknown(HttpContext context) => RefuseAsync(context, FunctionsException.NoSuchFunction());

    private static async Task InvokeAsync(string name, HttpContext context, InvokeFunction function, ILogger<InvokeFunction> logger)
    {
        try
        {
            await function.HandleAsync(name, context);
        }
        catch (FunctionsException exception)
        {
            if (exception.Code == "FUNCTIONS_UNAVAILABLE")
            {
                logger.FunctionsUnavailable(exception.Message);
            }

            await RefuseAsync(context, exception);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody waits for an answer any more.
        }
    }

    /// <summary>A refusal of the host, which official clients tell from a function's own answer by <c>x-relay-error</c>.</summary>
    private static Task RefuseAsync(HttpContext context, FunctionsException exception)
    {
        var response = context.Response;
        response.StatusCode = exception.Status;
        response.Headers.AccessControlAllowOrigin = "*";
        response.Headers.AccessControlExposeHeaders = "x-relay-error, retry-after";
        if (exception.Status is StatusCodes.Status401Unauthorized or StatusCodes.Status404NotFound
            or StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
        {
            response.Headers["x-relay-error"] = "true";
        }

        if (exception.RetryAfter is { } pause)
        {
            response.Headers.RetryAfter = Math.Ceiling(pause.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        return response.WriteAsJsonAsync(
            new JsonObject { ["code"] = exception.Code, ["message"] = exception.Message, ["msg"] = exception.Message },
            context.RequestAborted);
    }
}
