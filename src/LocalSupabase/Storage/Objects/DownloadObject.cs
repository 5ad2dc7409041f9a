using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.LocalSupabase.Http;

namespace Platform.LocalSupabase.Storage.Objects;

internal static class DownloadObject
{
    private const string Operation = "storage.object.get_authenticated";
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/object/authenticated/{bucket}/{**key}", Methods, AuthenticatedAsync);
        routes.MapMethods("/object/public/{bucket}/{**key}", Methods, PublicAsync).WithMetadata(new WithoutApiKey());
        routes.MapMethods("/object/{bucket}/{**key}", Methods, EitherAsync).WithMetadata(new WithoutApiKey());
    }

    private static async Task<IResult> AuthenticatedAsync(HttpContext context, StorageCallers callers, ObjectReader reader)
    {
        var caller = await callers.RequireAsync(context);
        var (bucket, key) = StorageNames.Of(context, prefix: 4);
        return await reader.SendAsync(context, () => reader.RequireAsync(caller, context, Operation, bucket, key));
    }

    private static async Task<IResult> PublicAsync(HttpContext context, ObjectReader reader)
    {
        var (bucket, key) = StorageNames.Of(context, prefix: 4);
        if (!await reader.IsPublicAsync(bucket, context.RequestAborted))
        {
            throw StorageException.NoSuchBucket();
        }

        return await reader.SendAsync(context, () => reader.RequireUncheckedAsync(bucket, key, context.RequestAborted));
    }

    /// <summary>A public bucket needs no token; elsewhere nobody without one learns whether the bucket exists.</summary>
    private static async Task<IResult> EitherAsync(HttpContext context, StorageCallers callers, ObjectReader reader)
    {
        var (bucket, key) = StorageNames.Of(context, prefix: 3);
        if (await reader.IsPublicAsync(bucket, context.RequestAborted))
        {
            return await reader.SendAsync(context, () => reader.RequireUncheckedAsync(bucket, key, context.RequestAborted));
        }

        if (context.Request.Headers.Authorization.Count == 0)
        {
            throw StorageException.NoSuchBucket();
        }

        var caller = await callers.RequireAsync(context);
        return await reader.SendAsync(context, () => reader.RequireAsync(caller, context, Operation, bucket, key));
    }
}
