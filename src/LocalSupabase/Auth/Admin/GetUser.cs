using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.LocalSupabase.Auth.Sessions;
using Platform.LocalSupabase.Auth.Users;

namespace Platform.LocalSupabase.Auth.Admin;

/// <summary>Shows an administrator a user.</summary>
internal static class GetUser
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/admin/users/{id}", HandleAsync);

    private static async Task<IResult> HandleAsync(string id, HttpContext context, Bearer bearer, AuthDatabase database)
    {
        await bearer.RequireAdminAsync(context);
        await using var connection = await database.OpenAsync(context.RequestAborted);
        var user = await connection.FindAsync(AdminUsers.IdOf(id), context.RequestAborted)
            ?? throw AuthException.UserNotFound(StatusCodes.Status404NotFound);
        return TypedResults.Json(user.ToJson());
    }
}
