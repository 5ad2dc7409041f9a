using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Platform.LocalSupabase.Auth.Sessions;

internal static class Logout
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/logout", HandleAsync);

    private static async Task<IResult> HandleAsync(HttpContext context, Bearer bearer, AuthDatabase database)
    {
        var caller = await bearer.RequireUserAsync(context);
        var scope = context.Request.Query["scope"].ToString();
        if (scope is not ("" or "global" or "local" or "others"))
        {
            throw AuthException.Validation($"Unsupported logout scope \"{scope}\"");
        }

        await using var connection = await database.OpenAsync(context.RequestAborted);
        // A token without a session cannot tell which one to end, so it ends all.
        var end = (scope, caller.SessionId) switch
        {
            ("local", { } sessionId) => connection.EndAsync(sessionId, context.RequestAborted),
            ("others", { } sessionId) => connection.EndOthersAsync(caller.User.Id, sessionId, context.RequestAborted),
            _ => connection.EndAllAsync(caller.User.Id, context.RequestAborted),
        };
        await end;
        return TypedResults.NoContent();
    }
}
