using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using Platform.LocalSupabase.Auth.Audit;

namespace Platform.LocalSupabase.Auth.Sessions;

/// <summary>Ends the caller's session, the others, or all.</summary>
internal static class Logout
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/logout", HandleAsync);

    private static async Task<IResult> HandleAsync(HttpContext context, Bearer bearer, AuthDatabase database, TimeProvider clock)
    {
        var caller = await bearer.RequireUserAsync(context);
        var scope = context.Request.Query["scope"].ToString();
        if (scope is not ("" or "global" or "local" or "others"))
        {
            throw AuthException.Validation($"Unsupported logout scope \"{scope}\"");
        }

        await database.InTransactionAsync(
            async connection =>
            {
                await EndAsync(connection, scope, caller, context.RequestAborted);
                await connection.AuditAsync(context, clock.GetUtcNow(), "logout", caller.User);
                return caller;
            },
            context.RequestAborted);
        return TypedResults.NoContent();
    }

    private static Task EndAsync(NpgsqlConnection connection, string scope, SignedInUser caller, CancellationToken cancellationToken) =>
        // A token without a session cannot tell which one to end, so it ends all.
        (scope, caller.SessionId) switch
        {
            ("local", { } sessionId) => connection.EndAsync(sessionId, cancellationToken),
            ("others", { } sessionId) => connection.EndOthersAsync(caller.User.Id, sessionId, cancellationToken),
            _ => connection.EndAllAsync(caller.User.Id, cancellationToken),
        };
}
