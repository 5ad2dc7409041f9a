using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.LocalSupabase.Auth.Sessions;
using Platform.LocalSupabase.Auth.Users;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Auth.Admin;

/// <summary>Lists users a page at a time, all or those whose address or name holds the filter.</summary>
internal static class ListUsers
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/admin/users", HandleAsync);

    private static async Task<IResult> HandleAsync(HttpContext context, Bearer bearer, AuthDatabase database)
    {
        await bearer.RequireAdminAsync(context);
        var paging = Paging.Of(context.Request);
        var filter = context.Request.Query["filter"].ToString();

        const string where = """
             where (@filter = '' or strpos(lower(u.email), @filter) > 0
               or strpos(lower(u.raw_user_meta_data ->> 'full_name'), @filter) > 0)
            """;
        await using var connection = await database.OpenAsync(context.RequestAborted);
        var total = await connection.Command($"select count(*) from auth.users u{where}", ("filter", filter.ToLowerInvariant()))
            .ScalarAsync<long>(context.RequestAborted);
        var users = await connection.Command(
            $"{UserStore.SelectUser}{where} order by {Order(context.Request.Query["sort"])} limit @limit offset @offset",
            ("filter", filter.ToLowerInvariant()), ("limit", paging.Size), ("offset", paging.Offset))
            .ListAsync(UserStore.Read, context.RequestAborted);

        paging.WriteHeaders(context.Response, "/admin/users", total);
        return TypedResults.Json(new JsonObject
        {
            ["users"] = new JsonArray([.. users.Select(user => user.ToJson())]),
            ["aud"] = AuthUser.AuthenticatedAudience,
        });
    }

    private static string Order(string? sort) => sort?.Trim().ToLowerInvariant() switch
    {
        "created_at asc" => "u.created_at asc, u.id asc",
        "email asc" => "u.email asc, u.id asc",
        "email desc" => "u.email desc, u.id desc",
        _ => "u.created_at desc, u.id desc",
    };
}
