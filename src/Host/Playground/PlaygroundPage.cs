using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Platform.SharedKernel.Infrastructure.Json;
using Platform.SharedKernel.Infrastructure.Supabase;

namespace Platform.Host.Playground;

/// <summary>
/// <c>/playground</c>: a page for development that tries sign-in, files, row changes and functions with the official JavaScript client. It
/// comes from this program alone, the client included, and is there only where <c>Platform:Playground</c> asks for it.
/// </summary>
internal static class PlaygroundPage
{
    private const string Route = "/playground";

    private static readonly (string Name, string Type)[] Assets =
        [("page.css", "text/css"), ("page.js", "text/javascript"), ("supabase.js", "text/javascript"), ("supabase.LICENSE", "text/plain")];

    /// <summary>Maps the page and what it loads, if the settings ask for it.</summary>
    public static void MapPlayground(this WebApplication app)
    {
        if (!app.Services.GetRequiredService<IOptions<PlatformHostOptions>>().Value.Playground)
        {
            return;
        }

        var page = app.MapGroup(Route).AllowAnonymous().ExcludeFromDescription();
        page.MapGet("/", (HttpContext http, SupabaseAddress supabase) =>
        {
            http.Response.Headers.ContentSecurityPolicy = Policy(http.Request, new Uri(supabase.Url));
            return Send("index.html", "text/html; charset=utf-8");
        });
        page.MapGet("/settings.json", (SupabaseAddress supabase, IOptions<SupabaseOptions> options) =>
            TypedResults.Json(new Settings(supabase.Url, options.Value.AnonKey), PlatformJson.Options));
        foreach (var (name, type) in Assets)
        {
            page.MapGet($"/{name}", () => Send(name, $"{type}; charset=utf-8"));
        }
    }

    internal sealed record Settings(string Url, string AnonKey);

    // Scripts and styles of this program alone, none of them in line; the calls go to Supabase, which may be another server.
    private static string Policy(HttpRequest request, Uri supabase)
    {
        var socket = new UriBuilder(supabase) { Scheme = supabase.Scheme == Uri.UriSchemeHttps ? "wss" : "ws" }.Uri;
        return "default-src 'none'; script-src 'self'; style-src 'self'; "
            + $"connect-src 'self' {Origin(supabase)} {Origin(socket)} {(request.IsHttps ? "wss" : "ws")}://{request.Host}; "
            + "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'";
    }

    private static string Origin(Uri url) => $"{url.Scheme}://{url.Authority}";

    private static FileStreamHttpResult Send(string name, string type) =>
        TypedResults.Stream(typeof(PlaygroundPage).Assembly.GetManifestResourceStream($"playground/{name}")!, type);
}
