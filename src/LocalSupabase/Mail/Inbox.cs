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
            ShowAsync(context, database, options, Json));
        inbox.MapGet("/inbox/{id:guid}/attachments/{position:int:min(0)}", DownloadAsync);
    }

    // Saved, never shown: what somebody attached runs nowhere.
    private static async Task<IResult> DownloadAsync(
        Guid id, int position, HttpContext context, AuthDatabase database, LocalSupabaseOptions options)
    {
        if (options.Auth.Smtp.IsConfigured || !IsFromThisMachine(context))
        {
            return TypedResults.NotFound();
        }

        await using var connection = await database.OpenAsync(context.RequestAborted);
        var file = (await connection.FilesOfAsync(id, context.RequestAborted)).ElementAtOrDefault(position);
        context.Response.Headers.CacheControl = "no-store";
        return file is null ? TypedResults.NotFound() : TypedResults.Bytes(file.Content, file.MediaType, file.Name);
    }

    private static async Task<IResult> ShowAsync(
        HttpContext context, AuthDatabase database, LocalSupabaseOptions options, Func<List<Letter>, ILookup<Guid, LetterFileName>, IResult> show)
    {
        if (options.Auth.Smtp.IsConfigured || !IsFromThisMachine(context))
        {
            return TypedResults.NotFound();
        }

        var recipient = context.Request.Query["to"].ToString();
        await using var connection = await database.OpenAsync(context.RequestAborted);
        var letters = await connection.NewestAsync(recipient.Length == 0 ? null : recipient, Shown, context.RequestAborted);
        var files = (await connection.NamesOfFilesAsync(letters.Select(letter => letter.Id), context.RequestAborted))
            .ToLookup(file => file.LetterId);
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.ContentSecurityPolicy =
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";
        return show(letters, files);
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

    private static JsonObject ToJson(Letter letter, ILookup<Guid, LetterFileName> files) => new()
    {
        ["id"] = letter.Id.ToString(),
        ["kind"] = letter.Kind.ToString(),
        ["from"] = letter.Sender,
        ["to"] = letter.Recipient,
        ["subject"] = letter.Subject,
        ["text"] = letter.Text,
        ["html"] = letter.Html,
        ["attachments"] = new JsonArray([.. files[letter.Id].Select((file, position) => new JsonObject
        {
            ["name"] = file.Name,
            ["media_type"] = file.MediaType,
            ["bytes"] = file.Bytes,
            ["url"] = $"/inbox/{letter.Id}/attachments/{position}",
        })]),
        ["created_at"] = letter.CreatedAt.UtcDateTime.ToString("O"),
    };

    private static IResult Json(List<Letter> letters, ILookup<Guid, LetterFileName> files) =>
        TypedResults.Json(new JsonArray([.. letters.Select(letter => ToJson(letter, files))]));

    private static IResult Page(List<Letter> letters, ILookup<Guid, LetterFileName> files) =>
        TypedResults.Content(InboxPage.Write(letters, files), "text/html; charset=utf-8");
}
