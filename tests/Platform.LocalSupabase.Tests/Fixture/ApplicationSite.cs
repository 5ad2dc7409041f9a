using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Platform.LocalSupabase.Tests.Fixture;

/// <summary>
/// An application in a browser, on an origin of its own: one page with the official client, as it is published, which keeps its session in
/// the browser's storage and signs in with PKCE.
/// </summary>
internal sealed class ApplicationSite : IAsyncDisposable
{
    private WebApplication _application = null!;

    public string Url { get; private set; } = "";

    /// <summary>The server that the page signs in at.</summary>
    public LocalSupabaseServer Server { get; set; } = null!;

    public static async Task<ApplicationSite> StartAsync()
    {
        var site = new ApplicationSite();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddConsole().SetMinimumLevel(LogLevel.Error);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        site._application = builder.Build();
        site._application.MapGet("/", () => Results.Content(site.Page(), "text/html; charset=utf-8"));
        site._application.MapGet("/supabase.js", () => Results.File(ClientFile(), "text/javascript"));
        await site._application.StartAsync();
        var address = site._application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        site.Url = address.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        return site;
    }

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();

    private static string ClientFile([CallerFilePath] string path = "") => Path.GetFullPath(
        Path.Combine(Path.GetDirectoryName(path)!, "../../clients/node_modules/@supabase/supabase-js/dist/umd/supabase.js"));

    // Says who is signed in, or what went wrong on the way here.
    private string Page() =>
        $$$"""
        <!doctype html>
        <html lang="en">
        <title>Application</title>
        <script src="/supabase.js"></script>
        <p id="who"></p>
        <script type="module">
          window.client = supabase.createClient('{{{Server.Url}}}', '{{{Server.AnonKey}}}', { auth: { flowType: 'pkce', debug: false } })
          const { error } = await client.auth.initialize()
          const { data: { session } } = await client.auth.getSession()
          document.querySelector('#who').textContent = error ? `failed: ${error.message}` : session ? session.user.email : 'nobody'
        </script>
        </html>
        """;
}
