using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.LocalSupabase.Database;
using Platform.LocalSupabase.Http;
using Platform.LocalSupabase.Storage.Images;
using Platform.LocalSupabase.Storage.Objects;

namespace Platform.LocalSupabase.Storage.Signing;

internal sealed record SignRequest(long? ExpiresIn, string[]? Paths, JsonElement Transform);

/// <summary>Makes URLs that read one object without a header, and answers them. Whoever may read may hand out the right to read.</summary>
internal sealed class SignObjects(StorageCallers callers, StorageDatabase database, ObjectReader reader, SignedUrls urls, ImageRenderer images)
{
    private const int MaxPaths = 1000;
    private const string Route = "/object/sign";
    private const string ImageRoute = "/render/image/sign";
    private const string Transformations = "transformations";
    private static readonly string[] ReadMethods = [HttpMethods.Get, HttpMethods.Head];

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(Route + "/{bucket}/{**key}", (HttpContext context, SignObjects slice) => slice.SignOneAsync(context));
        routes.MapPost(Route + "/{bucket}", (HttpContext context, SignObjects slice) => slice.SignManyAsync(context));
        routes.MapMethods(Route + "/{bucket}/{**key}", ReadMethods, (HttpContext context, SignObjects slice) => slice.DownloadAsync(context))
            .WithMetadata(new WithoutApiKey());
        routes.MapMethods(ImageRoute + "/{bucket}/{**key}", ReadMethods, (HttpContext context, SignObjects slice) => slice.RenderAsync(context))
            .WithMetadata(new WithoutApiKey());
    }

    private async Task<IResult> SignOneAsync(HttpContext context)
    {
        var caller = await callers.RequireAsync(context);
        var (request, lifetime) = await ReadAsync(context.Request);
        var transform = ImageTransform.Of(request.Transform);
        var (bucket, key) = StorageNames.Of(context, prefix: 4);
        var row = await reader.RequireAsync(caller, context, "storage.object.sign", bucket, key);
        var url = transform is null
            ? SignedUrls.Url(Route, row.Bucket, row.Name, urls.Sign(row.Bucket, row.Name, SignedUrls.Download, lifetime))
            : SignedUrls.Url(ImageRoute, row.Bucket, row.Name, urls.Sign(
                row.Bucket, row.Name, SignedUrls.Download, lifetime, (Transformations, transform.ToString())));
        return TypedResults.Json(new JsonObject { ["signedURL"] = url });
    }

    private async Task<IResult> SignManyAsync(HttpContext context)
    {
        var caller = await callers.RequireAsync(context);
        var (request, lifetime) = await ReadAsync(context.Request);
        if (request.Paths is not { Length: >= 1 and <= MaxPaths } paths)
        {
            throw StorageException.InvalidRequest($"body/paths must have 1 to {MaxPaths} items");
        }

        var (bucket, _) = StorageNames.Of(context, prefix: 4);
        var visible = await database.AsCallerAsync(caller, context, "storage.object.sign_many", connection => connection.Command(
            "select name from storage.objects where bucket_id = @bucket and name = any(@names)",
            ("bucket", bucket), ("names", paths.Where(StorageNames.IsKey).ToArray()))
            .ListAsync(row => row.GetString(0), context.RequestAborted));
        var found = visible.ToHashSet(StringComparer.Ordinal);
        return TypedResults.Json(new JsonArray([.. paths.Select(path => new JsonObject
        {
            ["error"] = found.Contains(path) ? null : "Either the object does not exist or you do not have access to it",
            ["path"] = path,
            ["signedURL"] = found.Contains(path)
                ? SignedUrls.Url(Route, bucket, path, urls.Sign(bucket, path, SignedUrls.Download, lifetime))
                : null,
        })]));
    }

    private async Task<IResult> DownloadAsync(HttpContext context)
    {
        var (bucket, key) = StorageNames.Of(context, prefix: 4);
        var claims = await urls.VerifyAsync(context.Request.Query["token"].ToString(), bucket, key, SignedUrls.Download);
        if (claims.Text(Transformations) is not null)
        {
            // Whoever was given a thumbnail was not given the picture.
            throw StorageException.InvalidSignature();
        }

        var expires = DateTimeOffset.FromUnixTimeSeconds((long)(claims.Seconds("exp") ?? 0));
        return await reader.SendAsync(context, () => reader.RequireUncheckedAsync(bucket, key, context.RequestAborted), expires);
    }

    private async Task<IResult> RenderAsync(HttpContext context)
    {
        var (bucket, key) = StorageNames.Of(context, prefix: 5);
        var claims = await urls.VerifyAsync(context.Request.Query["token"].ToString(), bucket, key, SignedUrls.Download);
        var transform = ImageTransform.Parse(claims.Text(Transformations)) ?? throw StorageException.InvalidSignature();
        var expires = DateTimeOffset.FromUnixTimeSeconds((long)(claims.Seconds("exp") ?? 0));
        return await images.SendAsync(context, transform, () => reader.RequireUncheckedAsync(bucket, key, context.RequestAborted), expires);
    }

    private static async Task<(SignRequest Request, TimeSpan Lifetime)> ReadAsync(HttpRequest request)
    {
        var body = await StorageBody.ReadAsync<SignRequest>(request);
        return body.ExpiresIn switch
        {
            null => throw StorageBody.Missing("expiresIn"),
            < 1 => throw StorageException.InvalidRequest("body/expiresIn must be >= 1"),
            > 3_000_000_000 => throw StorageException.InvalidRequest("body/expiresIn is too large"),
            { } seconds => (body, TimeSpan.FromSeconds(seconds)),
        };
    }
}
