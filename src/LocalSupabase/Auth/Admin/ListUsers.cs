using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.LocalSupabase.Auth.Sessions;
using Platform.LocalSupabase.Auth.Users;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Auth.Admin;

internal static class ListUsers
{
    private const int DefaultPageSize = 50;
    private const int MaxPageSize = 1000;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/admin/users", HandleAsync);

    private static async Task<IResult> HandleAsync(HttpContext context, Bearer bearer, AuthDatabase database)
    {
        await bearer.RequireAdminAsync(context);
        var page = Number(context.Request, "page", 1, int.MaxValue);
        var pageSize = Number(context.Request, "per_page", DefaultPageSize, MaxPageSize);
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
            ("filter", filter.ToLowerInvariant()), ("limit", pageSize), ("offset", (long)(page - 1) * pageSize))
            .ListAsync(UserStore.Read, context.RequestAborted);

        WritePagingHeaders(context.Response, page, pageSize, total);
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

    private static int Number(HttpRequest request, string name, int otherwise, int max)
    {
        var text = request.Query[name].ToString();
        if (text.Length == 0)
        {
            return otherwise;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value == 0 ? otherwise : Math.Min(value, max)
            : throw AuthException.Validation($"Bad Pagination Parameters: {name} is not a number");
    }

    // The official client takes the digits after "page=", so the order of the parameters counts.
    private static void WritePagingHeaders(HttpResponse response, int page, int pageSize, long total)
    {
        var last = Math.Max(1, (total + pageSize - 1) / pageSize);
        var links = $"</admin/users?page={last}&per_page={pageSize}>; rel=\"last\"";
        if (page < last)
        {
            links = $"</admin/users?page={page + 1}&per_page={pageSize}>; rel=\"next\", {links}";
        }

        response.Headers["X-Total-Count"] = total.ToString(CultureInfo.InvariantCulture);
        response.Headers.Link = links;
    }
}
