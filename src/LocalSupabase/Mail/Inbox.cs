using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.LocalSupabase.Auth;

namespace Platform.LocalSupabase.Mail;

/// <summary>
/// The mailbox of everybody while no mail server is configured. Mails sign people in, so it is shown to this machine alone: not to other
/// addresses, not through a proxy, and not to a page whose name was pointed at this machine.
/// </summary>
internal static class Inbox
{
    public const int Capacity = 1000;
    private const int Shown = 100;

    public static void MapInbox(this IEndpointRouteBuilder routes)
    {
        var inbox = routes.MapGroup("/").AllowAnonymous().ExcludeFromDescription();
        inbox.MapGet("/inbox", (HttpContext context, AuthDatabase database, LocalSupabaseOptions options) =>
            ShowAsync(context, database, options, Page));
        inbox.MapGet("/inbox.json", (HttpContext context, AuthDatabase database, LocalSupabaseOptions options) =>
            ShowAsync(context, database, options, letters => TypedResults.Json(new JsonArray([.. letters.Select(ToJson)]))));
    }

    private static async Task<IResult> ShowAsync(
        HttpContext context, AuthDatabase database, LocalSupabaseOptions options, Func<List<Letter>, IResult> show)
    {
        if (options.Auth.Smtp.IsConfigured || !IsFromThisMachine(context))
        {
            return TypedResults.NotFound();
        }

        var recipient = context.Request.Query["to"].ToString();
        await using var connection = await database.OpenAsync(context.RequestAborted);
        var letters = await connection.NewestAsync(recipient.Length == 0 ? null : recipient, Shown, context.RequestAborted);
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.ContentSecurityPolicy =
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";
        return show(letters);
    }

    private static bool IsFromThisMachine(HttpContext context)
    {
        var headers = context.Request.Headers;
        var host = context.Request.Host.Host.Trim('[', ']');
        return context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
            && !headers.ContainsKey("Forwarded") && !headers.ContainsKey("X-Forwarded-For")
            && (host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
                || (IPAddress.TryParse(host, out var named) && IPAddress.IsLoopback(named)));
    }

    private static JsonObject ToJson(Letter letter) => new()
    {
        ["id"] = letter.Id.ToString(),
        ["kind"] = letter.Kind.ToString(),
        ["from"] = letter.Sender,
        ["to"] = letter.Recipient,
        ["subject"] = letter.Subject,
        ["text"] = letter.Text,
        ["html"] = letter.Html,
        ["created_at"] = letter.CreatedAt.UtcDateTime.ToString("O"),
    };

    private static IResult Page(List<Letter> letters) => TypedResults.Content(InboxPage.Write(letters), "text/html; charset=utf-8");
}
