using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using Platform.LocalSupabase.Database;
using Platform.LocalSupabase.Storage.Files;
using Platform.LocalSupabase.Storage.Objects;

namespace Platform.LocalSupabase.Storage.Buckets;

/// <summary>Deletes an empty bucket, and empties one.</summary>
internal static class DeleteBucket
{
    private const int BatchSize = 1000;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapDelete("/bucket/{id}", DeleteAsync);
        routes.MapPost("/bucket/{id}/empty", EmptyAsync);
    }

    private static async Task<IResult> DeleteAsync(string id, HttpContext context, StorageCallers callers, StorageDatabase database)
    {
        var caller = await callers.RequireAsync(context);
        try
        {
            var deleted = await database.AsCallerAsync(caller, context, "storage.bucket.delete", connection =>
                connection.Command("delete from storage.buckets where id = @id", ("id", id)).ExecuteAsync(context.RequestAborted));
            return deleted == 1
                ? TypedResults.Json(new JsonObject { ["message"] = "Successfully deleted" })
                : throw StorageException.NoSuchBucket();
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.ForeignKeyViolation)
        {
            // Objects are left, maybe some that the caller cannot see.
            throw StorageException.BucketNotEmpty();
        }
    }

    /// <summary>Removes what the caller could remove one by one: emptying is no way around the policies on objects.</summary>
    private static async Task<IResult> EmptyAsync(
        string id, HttpContext context, StorageCallers callers, StorageDatabase database, StagingArea staging)
    {
        var caller = await callers.RequireAsync(context);
        _ = await database.AsCallerAsync(caller, context, "storage.bucket.empty", connection =>
            Bucket.FindAsync(connection, id, context.RequestAborted)) ?? throw StorageException.NoSuchBucket();
        int removed;
        do
        {
            var rows = await database.AsCallerAsync(caller, context, "storage.bucket.empty", connection => connection.Command(
                $"""
                delete from storage.objects where id in (select id from storage.objects where bucket_id = @bucket limit {BatchSize})
                returning {StoredObject.Columns}
                """,
                ("bucket", id)).ListAsync(StoredObject.Read, context.RequestAborted));
            await staging.DeleteAsync(rows.Select(row => row.Version));
            removed = rows.Count;
        }
        while (removed == BatchSize);

        return TypedResults.Json(new JsonObject { ["message"] = "Empty bucket has been queued. Completion may take up to an hour." });
    }
}
