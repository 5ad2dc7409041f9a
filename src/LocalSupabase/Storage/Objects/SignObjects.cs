using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.LocalSupabase.Database;
using Platform.LocalSupabase.Http;
using Platform.LocalSupabase.Tokens;

namespace Platform.LocalSupabase.Storage.Objects;

internal sealed record SignRequest(long? ExpiresIn, string[]? Paths, JsonElement Transform);

/// <summary>Makes URLs that read one object without a header, and answers them. Whoever may read may hand out the right to read.</summary>
internal sealed class SignObjects(
    StorageCallers callers, StorageDatabase database, ObjectReader reader, TokenSigner signer, TokenVerifier verifier, TimeProvider clock)
{
    private const int MaxPaths = 1000;
    private const string Scope = "download";
    private static readonly string[] ReadMethods = [HttpMethods.Get, HttpMethods.Head];

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/object/sign/{bucket}/{**key}", (HttpContext context, SignObjects slice) => slice.SignOneAsync(context));
        routes.MapPost("/object/sign/{bucket}", (HttpContext context, SignObjects slice) => slice.SignManyAsync(context));
        routes.MapMethods("/object/sign/{bucket}/{**key}", ReadMethods, (HttpContext context, SignObjects slice) => slice.DownloadAsync(context))
            .WithMetadata(new WithoutApiKey());
    }

    private async Task<IResult> SignOneAsync(HttpContext context)
    {
        var caller = await callers.RequireAsync(context);
        var request = await ReadAsync(context.Request);
        var (bucket, key) = StorageNames.Of(context, prefix: 4);
        var row = await reader.RequireAsync(caller, context, "storage.object.sign", bucket, key);
        return TypedResults.Json(new JsonObject { ["signedURL"] = Sign(row.Bucket, row.Name, request.ExpiresIn!.Value) });
    }

    private async Task<IResult> SignManyAsync(HttpContext context)
    {
        var caller = await callers.RequireAsync(context);
        var request = await ReadAsync(context.Request);
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
            ["signedURL"] = found.Contains(path) ? Sign(bucket, path, request.ExpiresIn!.Value) : null,
        })]));
    }

    private async Task<IResult> DownloadAsync(HttpContext context)
    {
        var (bucket, key) = StorageNames.Of(context, prefix: 4);
        var verification = await verifier.VerifySignedUrlAsync(context.Request.Query["token"].ToString());
        if (verification.Claims is not { } claims)
        {
            throw StorageException.InvalidToken(StorageCallers.WordsFor(verification.Fault));
        }

        if (claims.Text("url") != $"{bucket}/{key}" || claims.Text("scope") != Scope)
        {
            throw StorageException.InvalidSignature();
        }

        var expires = DateTimeOffset.FromUnixTimeSeconds((long)(claims.Seconds("exp") ?? 0));
        return await reader.SendAsync(context, () => reader.RequireUncheckedAsync(bucket, key, context.RequestAborted), expires);
    }

    private static async Task<SignRequest> ReadAsync(HttpRequest request)
    {
        var body = await StorageBody.ReadAsync<SignRequest>(request);
        if (body.Transform.ValueKind == JsonValueKind.Object && body.Transform.EnumerateObject().Any())
        {
            throw StorageException.NotEnabled("Image transformations are not enabled");
        }

        return body.ExpiresIn switch
        {
            null => throw StorageBody.Missing("expiresIn"),
            < 1 => throw StorageException.InvalidRequest("body/expiresIn must be >= 1"),
            > 3_000_000_000 => throw StorageException.InvalidRequest("body/expiresIn is too large"),
            _ => body,
        };
    }

    // Clients encode the URL themselves, so the key stands as it is; only a question mark would end the path.
    private string Sign(string bucket, string key, long seconds)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var token = signer.SignUrl(new JsonObject { ["url"] = $"{bucket}/{key}", ["scope"] = Scope, ["iat"] = now, ["exp"] = now + seconds });
        return $"/object/sign/{bucket}/{key}".Replace("?", "%3F", StringComparison.Ordinal) + $"?token={token}";
    }
}
