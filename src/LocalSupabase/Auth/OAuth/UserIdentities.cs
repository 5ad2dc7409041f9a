using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using Platform.LocalSupabase.Auth.Sessions;
using Platform.LocalSupabase.Auth.Users;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Auth.OAuth;

/// <summary>Lets a signed-in user link another account, and unlink one that is not the last.</summary>
internal sealed class UserIdentities(LocalSupabaseOptions options, AuthDatabase database, Bearer bearer, Authorize authorize, TimeProvider clock)
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/user/identities/authorize", (HttpContext context, UserIdentities slice) => slice.LinkAsync(context));
        routes.MapDelete("/user/identities/{id}", (string id, HttpContext context, UserIdentities slice) => slice.UnlinkAsync(id, context));
    }

    /// <summary>
    /// The URL leads through this server and not straight to the provider: a script fetched it, and only a browser on its way to the
    /// provider keeps the cookie that binds the flow to it.
    /// </summary>
    private async Task<IResult> LinkAsync(HttpContext context)
    {
        var caller = await RequireAsync(context);
        var flow = await authorize.StartAsync(context, caller.Id);
        var url = $"{options.AuthUrl}/authorize?flow={flow.Id}&scopes={Uri.EscapeDataString(context.Request.Query["scopes"].ToString())}";
        return context.Request.Query["skip_http_redirect"] == "true"
            ? TypedResults.Json(new JsonObject { ["url"] = url })
            : TypedResults.Redirect(url);
    }

    private async Task<IResult> UnlinkAsync(string id, HttpContext context)
    {
        var caller = await RequireAsync(context);
        if (!Guid.TryParseExact(id, "D", out var identityId))
        {
            throw new AuthException(StatusCodes.Status404NotFound, "validation_failed", "identity_id must be an UUID");
        }

        try
        {
            await database.InTransactionAsync(
                connection => UnlinkAsync(connection, caller.Id, identityId, context.RequestAborted), context.RequestAborted);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw new AuthException(
                StatusCodes.Status422UnprocessableEntity, "email_conflict_identity_not_deletable",
                "Unable to unlink identity due to email conflict");
        }

        return TypedResults.Json(new JsonObject());
    }

    private async Task<bool> UnlinkAsync(NpgsqlConnection connection, Guid userId, Guid identityId, CancellationToken cancellationToken)
    {
        var user = await connection.FindForUpdateAsync(userId, cancellationToken) ?? throw AuthException.UserNotFound(StatusCodes.Status403Forbidden);
        var identities = user.Identities.Select(identity => identity!.AsObject()).ToList();
        if (identities.Count <= 1)
        {
            throw new AuthException(
                StatusCodes.Status422UnprocessableEntity, "single_identity_not_deletable", "User must have at least 1 identity after unlinking");
        }

        if (await connection.RemoveIdentityAsync(identityId, userId, cancellationToken) is not { } removed)
        {
            throw new AuthException(StatusCodes.Status404NotFound, "identity_not_found", "Identity doesn't exist");
        }

        var others = identities.Where(identity => identity["identity_id"]!.GetValue<string>() != identityId.ToString())
            .Select(identity => identity["email"]?.GetValue<string>()).OfType<string>().ToList();
        if (removed["email"]?.GetValue<string>() == user.Email && others.Count > 0 && !others.Contains(user.Email!))
        {
            await connection.Command("update auth.users set email = @email where id = @id", ("email", others[0]), ("id", userId))
                .ExecuteAsync(cancellationToken);
        }

        await connection.RefreshProvidersAsync(userId, cancellationToken);
        await connection.Command("update auth.users set updated_at = @now where id = @id", ("now", clock.GetUtcNow()), ("id", userId))
            .ExecuteAsync(cancellationToken);
        return true;
    }

    private async Task<AuthUser> RequireAsync(HttpContext context)
    {
        var caller = await bearer.RequireUserAsync(context);
        return options.OAuth.ManualLinking
            ? caller.User
            : throw new AuthException(StatusCodes.Status404NotFound, "manual_linking_disabled", "Manual linking is disabled");
    }
}
