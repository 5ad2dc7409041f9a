using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Platform.SharedKernel.Infrastructure;
using Platform.SharedKernel.Infrastructure.Egress;
using Answers = Microsoft.AspNetCore.Http.Results;

namespace Platform.Connectors.Tests.Sources;

/// <summary>A REST server that stands for somebody's API: 25 orders, in every way of paging, behind every kind of authentication.</summary>
internal sealed class SourceApi : IAsyncDisposable
{
    private static readonly string[] Tags = ["x"];
    private readonly WebApplication _app;

    private SourceApi(WebApplication app) => _app = app;

    public string Url => _app.Urls.First();

    public List<string> Requests { get; } = [];

    public int Refusals { get; set; }

    public static async Task<SourceApi> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var api = new SourceApi(app);
        app.Use((context, next) =>
        {
            lock (api.Requests)
            {
                api.Requests.Add($"{context.Request.Path}{context.Request.QueryString}");
            }

            return next(context);
        });
        api.MapPages();
        api.MapAuthentication();
        await app.StartAsync();
        return api;
    }

    /// <summary>The kernel's own client, with its own guard.</summary>
    public static EgressClient CreateEgress(string allowed = "loopback") =>
        CreateKernel(allowed).GetRequiredService<EgressClient>();

    /// <summary>The kernel's services, with what the guard allows besides public addresses.</summary>
    public static ServiceProvider CreateKernel(string allowed)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(
            new Dictionary<string, string?> { ["Egress:AllowedAddresses"] = allowed }).Build());
        services.AddPlatformKernel();
        return services.BuildServiceProvider();
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static object[] Orders(int skip, int take) =>
        [.. Enumerable.Range(1, 25).Skip(
            skip).Take(take).Select(id => new { id, total = id * 1.5, customer = $"c{id % 3}", tags = Tags, note = id == 1 ? null : "n" })];

    private static int Number(HttpRequest request, string name, int otherwise) =>
        int.TryParse(request.Query[name], CultureInfo.InvariantCulture, out var value) ? value : otherwise;

    private void MapPages()
    {
        _app.MapGet("/all", () => new { data = new { items = Orders(0, 25) } });
        _app.MapGet("/list", (HttpRequest request) => Orders(Number(request, "skip", 0), Number(request, "take", 25)));
        _app.MapGet("/page", (HttpRequest request) => Orders((Number(request, "page", 1) - 1) * 10, 10));
        _app.MapGet("/offset", (HttpRequest request) => Orders(Number(request, "start", 0), Number(request, "count", 5)));
        _app.MapGet("/cursor", (HttpRequest request) =>
        {
            var start = Number(request, "after", 0);
            var next = start + 10 < 25 ? (start + 10).ToString(CultureInfo.InvariantCulture) : null;
            return new { rows = Orders(start, 10), meta = new { next } };
        });
        _app.MapGet("/link", (HttpContext context) =>
        {
            var page = Number(context.Request, "p", 0);
            if (page < 2)
            {
                context.Response.Headers.Link = $"<{Url}/link?p=0>; rel=\"first\", </link?p={page + 1}>; rel=\"next\"";
            }

            return Orders(page * 10, 10);
        });
        _app.MapGet("/elsewhere", (HttpContext context) =>
        {
            context.Response.Headers.Link = "<http://127.0.0.1:1/steal>; rel=\"next\"";
            return Orders(0, 1);
        });
        _app.MapMethods("/inside", ["GET", "POST"], () => Answers.Redirect("http://10.11.12.13/", permanent: false, preserveMethod: true));
        _app.MapGet("/circle", (HttpContext context) =>
        {
            context.Response.Headers.Link = "</circle>; rel=\"next\"";
            return Orders(0, 1);
        });
        _app.MapGet("/values", () => new object?[] { 1, 2.5, null });
        _app.MapGet("/mixed", () => Answers.Text("""[{"a": 1}, {"a": "x", "b": true}, {"c": {"d": 1}}]""", "application/json"));
        _app.MapGet("/html", () => Answers.Text("<html>", "text/html"));
        _app.MapGet("/huge", () => Answers.Stream(stream => WriteEndlesslyAsync(stream), "application/json"));
        _app.MapGet("/slow", async (CancellationToken cancellationToken) => await Task.Delay(30_000, cancellationToken));
        _app.MapGet("/broken", () => Answers.StatusCode(500));
        _app.MapPost("/search", async (
            HttpRequest request) => Answers.Text($"[{await new StreamReader(request.Body).ReadToEndAsync()}]", "application/json"));
        _app.MapGet("/busy", (HttpContext context) =>
        {
            if (Refusals-- <= 0)
            {
                return Answers.Json(Orders(0, 2));
            }

            context.Response.Headers.RetryAfter = "0";
            return Answers.StatusCode(429);
        });
    }

    private void MapAuthentication()
    {
        _app.MapGet("/bearer", (HttpRequest request) => Guard(request.Headers.Authorization == "Bearer good"));
        _app.MapGet("/basic", (HttpRequest request) => Guard(request.Headers.Authorization == "Basic bWU6cMOk"));
        _app.MapGet("/key", (HttpRequest request) => Guard(request.Headers["X-Key"] == "good" && request.Headers["X-More"] == "1"));
        _app.MapGet("/oauth", (HttpRequest request) => Guard(request.Headers.Authorization == "Bearer fresh"));
        _app.MapGet("/forbidden", () => Answers.StatusCode(403));
        _app.MapPost("/token", async (HttpRequest request) =>
        {
            var form = await request.ReadFormAsync();
            return form["client_secret"] == "s" && form["client_id"] == "id" && form["grant_type"] == "client_credentials"
                ? Answers.Json(new { access_token = "fresh", expires_in = 3600 })
                : Answers.StatusCode(400);
        });
    }

    private static IResult Guard(bool passes) => passes ? Answers.Json(Orders(0, 1)) : Answers.StatusCode(401);

    private static async Task WriteEndlesslyAsync(Stream stream)
    {
        var chunk = new byte[64 * 1024];
        Array.Fill(chunk, (byte)' ');
        while (true)
        {
            await stream.WriteAsync(chunk);
        }
    }
}
