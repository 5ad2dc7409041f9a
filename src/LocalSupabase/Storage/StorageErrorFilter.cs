using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Platform.LocalSupabase.Storage;

internal sealed class StorageErrorFilter(ILogger<StorageErrorFilter> logger) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (StorageException exception)
        {
            return Write(exception);
        }
        catch (BadHttpRequestException exception)
        {
            return Write(exception.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? StorageException.TooLarge()
                : StorageException.InvalidRequest(exception.Message));
        }
        catch (PostgresException exception) when (Translate(exception) is { } expected)
        {
            return Write(expected);
        }
        catch (Exception exception) when (!context.HttpContext.RequestAborted.IsCancellationRequested)
        {
            logger.StorageRequestFailed(exception);
            return Write(StorageException.Internal());
        }
    }

    private static StorageException? Translate(PostgresException exception) => exception.SqlState switch
    {
        PostgresErrorCodes.InsufficientPrivilege => StorageException.AccessDenied(),
        PostgresErrorCodes.UniqueViolation => exception.TableName == "buckets" ? StorageException.BucketExists() : StorageException.ObjectExists(),
        PostgresErrorCodes.ForeignKeyViolation => StorageException.NoSuchBucket(),
        PostgresErrorCodes.LockNotAvailable => new StorageException(423, "ResourceLocked", "ResourceLocked", "The resource is locked"),
        PostgresErrorCodes.QueryCanceled => new StorageException(
            544, "DatabaseTimeout", "DatabaseTimeout", "The connection to the database timed out"),
        PostgresErrorCodes.TooManyConnections => new StorageException(
            429, "too_many_connections", "SlowDown", "Too many connections issued to the database"),
        // A policy that casts a part of the name, say to uuid, and a name that has no such part.
        ['2', '2', ..] => StorageException.InvalidRequest("a policy could not read the name or the metadata"),
        _ => null,
    };

    private static JsonHttpResult<JsonObject> Write(StorageException exception) => TypedResults.Json(
        new JsonObject
        {
            ["statusCode"] = exception.StatusCode.ToString(CultureInfo.InvariantCulture),
            ["error"] = exception.Error,
            ["message"] = exception.Message,
            ["code"] = exception.Code,
        },
        statusCode: exception.StatusCode is StatusCodes.Status500InternalServerError or StatusCodes.Status429TooManyRequests
            ? exception.StatusCode
            : StatusCodes.Status400BadRequest);
}
