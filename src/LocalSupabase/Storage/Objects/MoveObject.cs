using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Storage.Objects;

internal sealed record MoveObjectRequest(string? BucketId, string? SourceKey, string? DestinationKey, string? DestinationBucket);

/// <summary>Renames an object. The file is named by its version, so it stays where it is and the row alone changes.</summary>
internal sealed class MoveObject(StorageCallers callers, StorageDatabase database, ObjectReader reader, ObjectWriter writer)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/object/move", (HttpContext context, MoveObject slice) => slice.HandleAsync(context));

    private async Task<IResult> HandleAsync(HttpContext context)
    {
        const string operation = "storage.object.move";
        var caller = await callers.RequireAsync(context);
        var request = await StorageBody.ReadAsync<MoveObjectRequest>(context.Request);
        var bucket = request.BucketId ?? throw StorageBody.Missing("bucketId");
        var source = request.SourceKey ?? throw StorageBody.Missing("sourceKey");
        var key = StorageNames.RequireKey(request.DestinationKey ?? throw StorageBody.Missing("destinationKey"));
        var target = await writer.RequireBucketAsync(request.DestinationBucket ?? bucket, context.RequestAborted);

        var row = await reader.RequireAsync(caller, context, operation, bucket, source);
        if (target.Id != bucket)
        {
            writer.CheckFits(target, row.MimeType, row.Size);
        }

        var moved = await database.AsCallerAsync(caller, context, operation, connection => connection.Command(
            "update storage.objects set bucket_id = @target, name = @key where bucket_id = @bucket and name = @source",
            ("target", target.Id), ("key", key), ("bucket", bucket), ("source", source)).ExecuteAsync(context.RequestAborted));
        return moved == 1
            ? TypedResults.Json(new JsonObject { ["message"] = "Successfully moved", ["Id"] = row.Id.ToString(), ["Key"] = $"{target.Id}/{key}" })
            : throw StorageException.AccessDenied();
    }
}
