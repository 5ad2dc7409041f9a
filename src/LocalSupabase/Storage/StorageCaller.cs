using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Platform.LocalSupabase.Tokens;

namespace Platform.LocalSupabase.Storage;

/// <summary>Who asks, as the database is told.</summary>
internal sealed record StorageCaller(string Role, string Claims, string? Subject, string Token)
{
    public static StorageCaller Anonymous { get; } = new("anon", """{"role":"anon"}""", null, "");

    /// <summary>The owner column is a uuid; a subject of another form owns by <c>owner_id</c> alone.</summary>
    public Guid? Owner => Guid.TryParse(Subject, out var owner) ? owner : null;
}

internal sealed class StorageCallers(TokenVerifier verifier)
{
    /// <summary>The caller of a route that needs a token.</summary>
    public async Task<StorageCaller> RequireAsync(HttpContext context)
    {
        var headers = context.Request.Headers.Authorization;
        if (headers.Count == 0)
        {
            throw StorageException.InvalidRequest("headers must have required property 'authorization'");
        }

        var header = headers.ToString();
        var token = header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header["Bearer ".Length..].Trim() : header.Trim();
        var verification = await verifier.VerifyAsync(token);
        if (verification.Claims is not { } claims)
        {
            throw StorageException.AccessDenied(WordsFor(verification.Fault));
        }

        // Never a role by an unknown name: it would be set on the connection.
        var role = claims.Role ?? "anon";
        return role is "anon" or "authenticated" or "service_role"
            ? new StorageCaller(role, claims.Json, claims.Subject, token)
            : throw StorageException.AccessDenied($"role {role} is not allowed");
    }

    public static string WordsFor(TokenFault? fault) => fault switch
    {
        TokenFault.Malformed => "Invalid Compact JWS",
        TokenFault.Expired => "\"exp\" claim timestamp check failed",
        TokenFault.NotYetValid => "\"nbf\" claim timestamp check failed",
        _ => "signature verification failed",
    };

    /// <summary>The request's headers as policies may read them.</summary>
    public static string HeadersOf(HttpRequest request)
    {
        var headers = new JsonObject();
        foreach (var (name, value) in request.Headers)
        {
            headers[name.ToLowerInvariant()] = value.ToString();
        }

        return headers.ToJsonString();
    }
}
