using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Platform.LocalSupabase.Storage;

/// <summary>Turns whatever a request ended with into an error that clients know. What nobody expects is logged, and told to nobody.</summary>
internal sealed class StorageErrors(ILogger<StorageErrors> logger)
{
    private const int NoSpaceLeft = 28;
    private const int QuotaExceeded = 122;

    public StorageException Translate(Exception exception)
    {
        switch (exception)
        {
            case StorageException expected:
                return expected;
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return StorageException.TooLarge();
            case BadHttpRequestException bad:
                return StorageException.InvalidRequest(bad.Message);
            case PostgresException refusal when Translate(refusal) is { } known:
                return known;
            case IOException { HResult: NoSpaceLeft or QuotaExceeded }:
                logger.StorageRequestFailed(exception);
                return StorageException.DiskFull();
            default:
                logger.StorageRequestFailed(exception);
                return StorageException.Internal();
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
}
