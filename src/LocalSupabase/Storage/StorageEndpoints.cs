using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Platform.LocalSupabase.Http;
using Platform.LocalSupabase.Storage.BackEnds;
using Platform.LocalSupabase.Storage.Buckets;
using Platform.LocalSupabase.Storage.Files;
using Platform.LocalSupabase.Storage.Images;
using Platform.LocalSupabase.Storage.Objects;
using Platform.LocalSupabase.Storage.Resumable;
using Platform.LocalSupabase.Storage.Signing;
using Platform.LocalSupabase.Storage.Sweeping;

namespace Platform.LocalSupabase.Storage;

/// <summary>The storage API, <c>storage/v1</c>: the table of contents.</summary>
internal static class StorageEndpoints
{
    private const string ExposedHeaders =
        "Content-Range, Range, Content-Length, ETag, Upload-Offset, Location, Upload-Metadata, Tus-Version, Tus-Resumable, Tus-Max-Size, " +
        "Tus-Extension, Upload-Length, Upload-Expires";

    public static IServiceCollection AddStorage(this IServiceCollection services) => services
        .AddSingleton<StorageDatabase>()
        .AddSingleton<StorageCallers>()
        .AddSingleton<StorageErrors>()
        .AddSingleton<IObjectBackEnd>(provider => provider.GetRequiredService<LocalSupabaseOptions>() is { Storage.UsesS3: true } options
            ? new S3BackEnd(options.Storage.S3)
            : new DiskBackEnd(provider.GetRequiredService<LocalSupabaseOptions>()))
        .AddSingleton<StagingArea>()
        .AddSingleton<ImageRenderer>()
        .AddSingleton<SignedUrls>()
        .AddSingleton<SignedUploads>()
        .AddSingleton<SignUpload>()
        .AddSingleton<ObjectReader>()
        .AddSingleton<ObjectWriter>()
        .AddSingleton<UploadObject>()
        .AddSingleton<SignObjects>()
        .AddSingleton<MoveObject>()
        .AddSingleton<CopyObject>()
        .AddSingleton<RemoveObjects>()
        .AddSingleton<StorageSweeper>()
        .AddHostedService(provider => provider.GetRequiredService<StorageSweeper>())
        .AddResumableUploads();

    public static void MapStorage(this IEndpointRouteBuilder routes)
    {
        var storage = routes.MapGroup("/storage/v1").AllowAnonymous().ExcludeFromDescription().WithOpenCors(ExposedHeaders);
        storage.AddEndpointFilter<StorageErrorFilter>();
        storage.AddEndpointFilter<ApiKeyGateway>();

        CreateBucket.Map(storage);
        ReadBuckets.Map(storage);
        UpdateBucket.Map(storage);
        DeleteBucket.Map(storage);
        UploadObject.Map(storage);
        DownloadObject.Map(storage);
        GetObjectInfo.Map(storage);
        SignObjects.Map(storage);
        SignUpload.Map(storage);
        ListObjects.Map(storage);
        ListObjectsV2.Map(storage);
        RenderImage.Map(storage);
        storage.MapResumableUploads();
        MoveObject.Map(storage);
        CopyObject.Map(storage);
        RemoveObjects.Map(storage);

        foreach (var path in new[] { "/status", "/health" })
        {
            storage.MapGet(path, () => TypedResults.Ok()).WithMetadata(new WithoutApiKey());
        }

        storage.MapGet("/version", () => TypedResults.Text("local")).WithMetadata(new WithoutApiKey());
        storage.Map("/{**path}", Unknown).WithMetadata(new WithoutApiKey());
    }

    private static JsonHttpResult<JsonObject> Unknown(HttpContext context) => TypedResults.Json(
        new JsonObject
        {
            ["statusCode"] = "404",
            ["error"] = "Not Found",
            ["message"] = $"Route {context.Request.Method}:{context.Request.Path.Value} not found",
            ["code"] = "NotFound",
        },
        statusCode: StatusCodes.Status404NotFound);
}
