using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.LocalSupabase.Auth.Admin;
using Platform.LocalSupabase.Auth.Sessions;
using Platform.LocalSupabase.Auth.Users;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Auth.Audit;

/// <summary>Shows an administrator what was done, newest first.</summary>
internal static class ReadAuditLog
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/admin/audit", HandleAsync);

    private static async Task<IResult> HandleAsync(HttpContext context, Bearer bearer, AuthDatabase database)
    {
        await bearer.RequireAdminAsync(context);
        var paging = Paging.Of(context.Request);
        var (field, text) = Filter(context.Request.Query["query"].ToString());

        const string where = " where @field = '' or strpos(lower(payload ->> @field), @text) > 0";
        await using var connection = await database.OpenAsync(context.RequestAborted);
        var total = await connection.Command(
            $"select count(*) from auth.audit_log_entries{where}", ("field", field), ("text", text)).ScalarAsync<long>(context.RequestAborted);
        var entries = await connection.Command(
            $"""
            select id, payload::text as payload, created_at, ip_address from auth.audit_log_entries{where}
            order by created_at desc, id desc limit @limit offset @offset
            """,
            ("field", field), ("text", text), ("limit", paging.Size), ("offset", paging.Offset))
            .ListAsync(
                reader => new JsonObject
                {
                    ["id"] = reader.GetGuid(0).ToString(),
                    ["payload"] = reader.ObjectOrEmpty("payload"),
                    ["created_at"] = AuthUser.Format(reader.ValueOrNull<DateTimeOffset>("created_at") ?? default),
                    ["ip_address"] = reader.GetString(3),
                },
                context.RequestAborted);

        paging.WriteHeaders(context.Response, "/admin/audit", total);
        return TypedResults.Json(new JsonArray([.. entries]));
    }

    // "action:login", as the original takes it.
    private static (string Field, string Text) Filter(string query)
    {
        if (query.Length == 0)
        {
            return ("", "");
        }

        var parts = query.Split(':', 2);
        var field = parts[0] switch
        {
            "author" => "actor_username",
            "action" => "action",
            "type" => "log_type",
            _ => throw AuthException.Validation($"Invalid query scope: {parts[0]}"),
        };
        return (field, parts.Length > 1 ? parts[1].ToLowerInvariant() : "");
    }
}
