using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.LocalSupabase.Auth.Sessions;

namespace Platform.LocalSupabase.Auth.Users;

/// <summary>Shows callers themselves.</summary>
internal static class GetUser
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/user", HandleAsync);

    private static async Task<IResult> HandleAsync(HttpContext context, Bearer bearer) =>
        TypedResults.Json((await bearer.RequireUserAsync(context)).User.ToJson());
}
