using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Platform.LocalSupabase.Auth;

/// <summary>
/// Writes failures in the shape the client asked for: since version 2024-01-01 of the API <c>code</c> is a word, before it is the
/// status.
/// </summary>
internal sealed class AuthErrorFilter(ILogger<AuthErrorFilter> logger, TimeProvider clock) : IEndpointFilter
{
    private const string VersionHeader = "X-Supabase-Api-Version";
    private const string CurrentVersion = "2024-01-01";

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        try
        {
            return await next(context);
        }
        catch (AuthException exception)
        {
            return Write(http, exception, errorId: null);
        }
        catch (PostgresException exception) when (exception.ConstraintName is "sessions_user_id_fkey")
        {
            // The user was deleted while signing in.
            return Write(http, AuthException.UserNotFound(StatusCodes.Status403Forbidden), errorId: null);
        }
        catch (Exception exception) when (!http.RequestAborted.IsCancellationRequested)
        {
            var errorId = Guid.CreateVersion7(clock.GetUtcNow()).ToString();
            logger.AuthRequestFailed(exception, errorId);
            var failure = new AuthException(
                StatusCodes.Status500InternalServerError, "unexpected_failure", "Unexpected failure, please check server logs for more information");
            return Write(http, failure, errorId);
        }
    }

    private static JsonHttpResult<JsonObject> Write(HttpContext context, AuthException exception, string? errorId)
    {
        JsonObject body;
        if (AsksForCurrentVersion(context.Request))
        {
            context.Response.Headers[VersionHeader] = CurrentVersion;
            body = new JsonObject { ["code"] = exception.Code, ["message"] = exception.Message };
        }
        else
        {
            context.Response.Headers["x-sb-error-code"] = exception.Code;
            body = new JsonObject { ["code"] = exception.Status, ["error_code"] = exception.Code, ["msg"] = exception.Message };
        }

        if (errorId is not null)
        {
            body["error_id"] = errorId;
        }

        if (exception.WeakPasswordReasons is { } reasons)
        {
            body["weak_password"] = new JsonObject { ["reasons"] = new JsonArray([.. reasons.Select(reason => JsonValue.Create(reason))]) };
        }

        return TypedResults.Json(body, statusCode: exception.Status);
    }

    private static bool AsksForCurrentVersion(HttpRequest request) =>
        DateOnly.TryParseExact(request.Headers[VersionHeader], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var version)
        && version >= new DateOnly(2024, 1, 1);
}
