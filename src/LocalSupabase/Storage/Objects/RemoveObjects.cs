using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.LocalSupabase.Database;
using Platform.LocalSupabase.Storage.Files;

namespace Platform.LocalSupabase.Storage.Objects;

internal sealed record RemoveObjectsRequest(string[]? Prefixes);

/// <summary>Removes objects by name. Of many, those that the caller may not remove are skipped without a word.</summary>
internal sealed class RemoveObjects(StorageCallers callers, StorageDatabase database, StagingArea staging)
{
    private const int MaxNames = 1000;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapDelete("/object/{bucket}", (HttpContext context, RemoveObjects slice) => slice.RemoveManyAsync(context));
        routes.MapDelete("/object/{bucket}/{**key}", (HttpContext context, RemoveObjects slice) => slice.RemoveOneAsync(context));
    }

    private async Task<IResult> RemoveManyAsync(HttpContext context)
    {
        var caller = await callers.RequireAsync(context);
        var request = await StorageBody.ReadAsync<RemoveObjectsRequest>(context.Request);
        if (request.Prefixes is not { Length: >= 1 and <= MaxNames } names)
        {
            throw StorageException.InvalidRequest($"body/prefixes must have 1 to {MaxNames} items");
        }

        var (bucket, _) = StorageNames.Of(context, prefix: 3);
        var removed = await RemoveAsync(caller, context, "storage.object.delete_many", bucket, names);
        return TypedResults.Json(new JsonArray([.. removed.Select(row => row.ToJson())]));
    }

    private async Task<IResult> RemoveOneAsync(HttpContext context)
    {
        var caller = await callers.RequireAsync(context);
        var (bucket, key) = StorageNames.Of(context, prefix: 3);
        var removed = await RemoveAsync(caller, context, "storage.object.delete", bucket, [key]);
        return removed.Count == 1
            ? TypedResults.Json(new JsonObject { ["message"] = "Successfully deleted" })
            : throw StorageException.NoSuchKey();
    }

    /// <summary>Rows first: until they are committed away, the files may still be asked for.</summary>
    private async Task<List<StoredObject>> RemoveAsync(
        StorageCaller caller, HttpContext context, string operation, string bucket, string[] names)
    {
        var removed = await database.AsCallerAsync(caller, context, operation, connection => connection.Command(
            $"delete from storage.objects where bucket_id = @bucket and name = any(@names) returning {StoredObject.Columns}",
            ("bucket", bucket), ("names", names.Where(StorageNames.IsKey).ToArray())).ListAsync(StoredObject.Read, context.RequestAborted));
        await staging.DeleteAsync(removed.Select(row => row.Version));
        return removed;
    }
}
