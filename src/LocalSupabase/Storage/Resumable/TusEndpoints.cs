using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Platform.LocalSupabase.Http;

namespace Platform.LocalSupabase.Storage.Resumable;

/// <summary>Uploads in parts, TUS 1.0.0: <c>/upload/resumable</c>, and <c>/upload/resumable/sign</c> for signed upload URLs.</summary>
internal static class TusEndpoints
{
    private const string MethodOverride = "X-HTTP-Method-Override";

    public static IServiceCollection AddResumableUploads(this IServiceCollection services) => services
        .AddSingleton<UploadStore>()
        .AddSingleton<UploadLocks>()
        .AddSingleton<TusCallers>()
        .AddSingleton<CreateUpload>()
        .AddSingleton<WriteUpload>()
        .AddSingleton<InspectUpload>();

    public static void MapResumableUploads(this IEndpointRouteBuilder routes)
    {
        Map(routes.MapGroup("/upload/resumable"));
        var signed = routes.MapGroup("/upload/resumable/sign").WithMetadata(new BySignature(), new WithoutApiKey());
        Map(signed);
    }

    private static void Map(RouteGroupBuilder group)
    {
        group.AddEndpointFilter<TusErrorFilter>();
        foreach (var path in new[] { "", "/{id}" })
        {
            group.MapMethods(path, [HttpMethods.Options], (HttpContext context, LocalSupabaseOptions options) => Describe(context, options))
                .WithMetadata(new WithoutApiKey());
        }

        group.MapPost("", (HttpContext context, CreateUpload slice) => slice.HandleAsync(context));
        group.MapPatch("/{id}", (HttpContext context, string id, WriteUpload slice) => slice.HandleAsync(context, id));
        group.MapMethods("/{id}", [HttpMethods.Head], (HttpContext context, string id, InspectUpload slice) => slice.LookAsync(context, id));
        group.MapDelete("/{id}", (HttpContext context, string id, InspectUpload slice) => slice.TerminateAsync(context, id));
        group.MapPost("/{id}", OverrideAsync);
    }

    // For clients behind a proxy that lets only POST through.
    private static async Task<IResult> OverrideAsync(HttpContext context, string id, WriteUpload write, InspectUpload inspect) =>
        context.Request.Headers[MethodOverride].ToString().ToUpperInvariant() switch
        {
            "PATCH" => await write.HandleAsync(context, id),
            "DELETE" => await inspect.TerminateAsync(context, id),
            _ => throw StorageException.InvalidRequest($"{MethodOverride} must be PATCH or DELETE"),
        };

    private static NoContent Describe(HttpContext context, LocalSupabaseOptions options)
    {
        var headers = context.Response.Headers;
        headers["Tus-Version"] = TusProtocol.Version;
        headers["Tus-Extension"] = TusProtocol.Extensions;
        headers["Tus-Checksum-Algorithm"] = TusProtocol.ChecksumAlgorithms;
        headers["Tus-Max-Size"] = options.Storage.FileSizeLimit.ToString(CultureInfo.InvariantCulture);
        return TypedResults.NoContent();
    }
}
