using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Platform.LocalSupabase.Storage;

/// <summary>Writes errors as storage clients read them.</summary>
internal sealed class StorageErrorFilter(StorageErrors errors) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (Exception exception) when (exception is StorageException || !context.HttpContext.RequestAborted.IsCancellationRequested)
        {
            return Write(errors.Translate(exception));
        }
    }

    private static JsonHttpResult<JsonObject> Write(StorageException exception) => TypedResults.Json(
        new JsonObject
        {
            ["statusCode"] = exception.StatusCode.ToString(CultureInfo.InvariantCulture),
            ["error"] = exception.Error,
            ["message"] = exception.Message,
            ["code"] = exception.Code,
        },
        statusCode: exception.StatusCode is StatusCodes.Status500InternalServerError or StatusCodes.Status429TooManyRequests
            or StatusCodes.Status507InsufficientStorage ? exception.StatusCode : StatusCodes.Status400BadRequest);
}
