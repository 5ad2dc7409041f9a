using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.LocalSupabase.Http;
using Platform.LocalSupabase.Storage.Objects;

namespace Platform.LocalSupabase.Storage.Images;

/// <summary>An object as a resized image, for those who may read the object.</summary>
internal static class RenderImage
{
    private const int Prefix = 5;
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/render/image/authenticated/{bucket}/{**key}", Methods, AuthenticatedAsync);
        routes.MapMethods("/render/image/public/{bucket}/{**key}", Methods, PublicAsync).WithMetadata(new WithoutApiKey());
    }

    private static async Task<IResult> AuthenticatedAsync(
        HttpContext context, StorageCallers callers, ObjectReader reader, ImageRenderer images)
    {
        var caller = await callers.RequireAsync(context);
        var (bucket, key) = StorageNames.Of(context, Prefix);
        return await images.SendAsync(context, ImageTransform.Of(context.Request), () =>
            reader.RequireAsync(caller, context, "storage.render.image_authenticated", bucket, key));
    }

    private static async Task<IResult> PublicAsync(HttpContext context, ObjectReader reader, ImageRenderer images)
    {
        var (bucket, key) = StorageNames.Of(context, Prefix);
        return await reader.IsPublicAsync(bucket, context.RequestAborted)
            ? await images.SendAsync(context, ImageTransform.Of(context.Request), () =>
                reader.RequireUncheckedAsync(bucket, key, context.RequestAborted))
            : throw StorageException.NoSuchBucket();
    }
}
