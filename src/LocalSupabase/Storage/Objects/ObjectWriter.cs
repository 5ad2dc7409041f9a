using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Npgsql;
using Platform.LocalSupabase.Database;
using Platform.LocalSupabase.Storage.Buckets;
using Platform.LocalSupabase.Storage.Files;

namespace Platform.LocalSupabase.Storage.Objects;

/// <summary>What is written: where, by whom, and whether it may replace.</summary>
internal sealed record ObjectDraft(string Bucket, string Key, StorageCaller Caller, bool Upsert);

/// <summary>What is said of a file's content: its media type, how it may be cached, and what the user wants to be remembered.</summary>
internal sealed record ContentFacts(string MimeType, string CacheControl, JsonObject? UserMetadata);

/// <summary>
/// Writes rows of objects. The policies are asked first, with a statement that is rolled back, before a byte is read; the row
/// itself is written by the service once the file is safely on disk.
/// </summary>
internal sealed class ObjectWriter(StorageDatabase database, StagingArea staging, LocalSupabaseOptions options, TimeProvider clock)
{
    private const string OnConflict =
        """
         on conflict (bucket_id, name) do update set owner = excluded.owner, owner_id = excluded.owner_id, version = excluded.version,
          metadata = excluded.metadata, user_metadata = excluded.user_metadata
        """;

    /// <summary>The bucket that is written to; which buckets there are is no secret to those who may write.</summary>
    public async Task<Bucket> RequireBucketAsync(string bucket, CancellationToken cancellationToken) =>
        StorageNames.IsBucket(bucket)
        && await database.AsServiceAsync(connection => Bucket.FindAsync(connection, bucket, cancellationToken), cancellationToken) is { } found
            ? found
            : throw StorageException.NoSuchBucket();

    public long LimitOf(Bucket bucket) => Math.Min(bucket.FileSizeLimit ?? long.MaxValue, options.Storage.FileSizeLimit);

    /// <summary>Whether a file of this kind and length may stand in the bucket.</summary>
    public void CheckFits(Bucket bucket, string mimeType, long? length)
    {
        if (length > LimitOf(bucket))
        {
            throw StorageException.TooLarge();
        }

        if (!bucket.Takes(mimeType))
        {
            throw StorageException.InvalidMimeType(mimeType);
        }
    }

    public Task TryAsync(ObjectDraft draft, string mimeType, long? length, JsonObject? userMetadata, HttpContext context, string operation)
    {
        var metadata = new JsonObject { ["mimetype"] = mimeType };
        if (length is not null)
        {
            metadata["contentLength"] = length;
        }

        return database.TryAsCallerAsync(draft.Caller, context, operation, connection =>
            Insert(connection, draft, Guid.CreateVersion7(clock.GetUtcNow()), metadata, userMetadata, returning: false)
                .ExecuteAsync(context.RequestAborted));
    }

    /// <summary>Puts the file in its place and then the row; the file that the row had before is deleted after the commit.</summary>
    /// <param name="draft">Which object.</param>
    /// <param name="file">Its bytes.</param>
    /// <param name="content">What is said of them.</param>
    /// <param name="alongside">What else happens if, and only if, the row is written.</param>
    public async Task<StoredObject> StoreAsync(
        ObjectDraft draft, StagedFile file, ContentFacts content, Func<NpgsqlConnection, Task>? alongside = null)
    {
        var metadata = new JsonObject
        {
            ["eTag"] = $"\"{file.Hash}\"",
            ["size"] = file.Size,
            ["mimetype"] = content.MimeType,
            ["cacheControl"] = content.CacheControl,
            ["lastModified"] = StorageTime.Format(clock.GetUtcNow()),
            ["contentLength"] = file.Size,
            ["httpStatusCode"] = StatusCodes.Status200OK,
        };
        await file.PublishAsync(CancellationToken.None);
        try
        {
            // Not to be cancelled: a caller who hangs up during the commit must not leave a row whose file is gone.
            var (stored, replaced) = await database.AsServiceAsync(
                async connection =>
                {
                    var rows = await ReplaceAsync(connection, draft, file.Version, metadata, content.UserMetadata);
                    await (alongside?.Invoke(connection) ?? Task.CompletedTask);
                    return rows;
                },
                CancellationToken.None);
            file.Keep();
            await staging.DeleteAsync(replaced);
            return stored;
        }
        catch (Exception exception) when (!IsRefusal(exception))
        {
            // Nobody knows whether the row was written. A file too many is better than one too few.
            file.Keep();
            throw;
        }
    }

    private static bool IsRefusal(Exception exception) =>
        exception is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ForeignKeyViolation };

    private static async Task<(StoredObject Stored, string? Replaced)> ReplaceAsync(
        NpgsqlConnection connection, ObjectDraft draft, Guid version, JsonObject metadata, JsonObject? userMetadata)
    {
        // One writer of a name at a time, or the version read here is not the one that is replaced.
        await connection.Command(
            "select pg_advisory_xact_lock(hashtextextended(@name, 0))", ("name", $"{draft.Bucket}/{draft.Key}"))
            .ExecuteAsync(CancellationToken.None);
        var previous = await StoredObject.FindAsync(connection, draft.Bucket, draft.Key, CancellationToken.None);
        var row = await Insert(connection, draft, version, metadata, userMetadata, returning: true)
            .FirstAsync(StoredObject.Read, CancellationToken.None);
        return (row!, previous?.Version);
    }

    private static NpgsqlCommand Insert(
        NpgsqlConnection connection, ObjectDraft draft, Guid version, JsonObject metadata, JsonObject? userMetadata, bool returning) =>
        connection.Command(
            $"""
            insert into storage.objects (bucket_id, name, owner, owner_id, version, metadata, user_metadata)
            values (@bucket, @key, @owner, @owner_id, @version, @metadata, @user_metadata){(draft.Upsert ? OnConflict : "")}
            {(returning ? $"returning {StoredObject.Columns}" : "")}
            """,
            ("bucket", draft.Bucket), ("key", draft.Key), ("owner", draft.Caller.Owner), ("owner_id", draft.Caller.Subject),
            ("version", version.ToString()), ("metadata", metadata), ("user_metadata", userMetadata));
}
