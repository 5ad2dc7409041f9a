using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Platform.LocalSupabase.Tokens;

namespace Platform.LocalSupabase.Http;

/// <summary>Marks an endpoint that is reached without an API key, such as a link in a mail.</summary>
internal sealed class WithoutApiKey;

/// <summary>
/// What the gateway in front of hosted services does: asks for an API key, and turns an opaque key into a token for its role. A
/// user's token in <c>Authorization</c> always wins over the key.
/// </summary>
internal sealed class ApiKeyGateway(LocalSupabaseOptions options, TokenSigner signer, TokenVerifier verifier, TimeProvider clock)
    : IEndpointFilter
{
    private static readonly TimeSpan KeyTokenLifetime = TimeSpan.FromMinutes(5);

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var key = KeyOf(http.Request);
        var role = key is null ? null : await RoleOfAsync(key);
        if (options.RequireApiKey && role is null && http.GetEndpoint()?.Metadata.GetMetadata<WithoutApiKey>() is null)
        {
            return Refuse(key);
        }

        await ReplaceOpaqueKeyAsync(http.Request, key, role);
        return await next(context);
    }

    private static string? KeyOf(HttpRequest request)
    {
        string? key = request.Headers["apikey"];
        key = string.IsNullOrEmpty(key) ? request.Query["apikey"] : key;
        return string.IsNullOrEmpty(key) ? null : key;
    }

    private static JsonHttpResult<JsonObject> Refuse(string? key) => TypedResults.Json(
        key is null
            ? new JsonObject
            {
                ["message"] = "No API key found in request",
                ["hint"] = "No `apikey` request header or url param was found.",
            }
            : new JsonObject
            {
                ["message"] = "Invalid API key",
                ["hint"] = "Double check your Supabase `anon` or `service_role` API key.",
            },
        statusCode: StatusCodes.Status401Unauthorized);

    private async Task ReplaceOpaqueKeyAsync(HttpRequest request, string? key, string? role)
    {
        var authorization = request.Headers.Authorization.ToString();
        var bearer = authorization.StartsWith("Bearer sb_", StringComparison.OrdinalIgnoreCase) ? authorization["Bearer ".Length..] : null;
        var opaque = bearer ?? (request.Headers.Authorization.Count == 0 ? key : null);
        if (opaque is null || !opaque.StartsWith("sb_", StringComparison.Ordinal))
        {
            return;
        }

        var opaqueRole = opaque == key ? role : await RoleOfAsync(opaque);
        if (opaqueRole is not null)
        {
            request.Headers.Authorization = $"Bearer {signer.SignForRole(opaqueRole, clock.GetUtcNow(), KeyTokenLifetime)}";
        }
    }

    private async Task<string?> RoleOfAsync(string key)
    {
        if (AreEqual(key, options.AnonKey))
        {
            return "anon";
        }

        if (AreEqual(key, options.ServiceRoleKey))
        {
            return "service_role";
        }

        // Any JWT of this project with a role is a key: an older pair of legacy keys goes on working.
        return key.StartsWith("sb_", StringComparison.Ordinal) ? null : (await verifier.VerifyAsync(key)).Claims?.Role;
    }

    private static bool AreEqual(string left, string right) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(left), Encoding.UTF8.GetBytes(right));
}
