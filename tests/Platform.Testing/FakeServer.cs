using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Platform.Testing;

/// <summary>A request that a fake server got.</summary>
public sealed record SeenRequest(string Method, string Path, string Body, string? IdempotencyKey, string? Authorization);

/// <summary>A server of somebody else, on loopback.</summary>
public sealed class FakeServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeServer(WebApplication app) => _app = app;

    /// <summary>Its base URL.</summary>
    public string Url => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    /// <summary>What it was asked.</summary>
    public ConcurrentQueue<SeenRequest> Requests { get; } = [];

    /// <summary>Answers with these statuses in turn, the last one for ever, and <c>{"ok": true}</c>.</summary>
    public static Task<FakeServer> StartAsync(params int[] statuses) => StartAsync(TimeSpan.Zero, statuses, null);

    /// <summary>Answers each request with a status and a body of its own.</summary>
    public static Task<FakeServer> StartAsync(Func<SeenRequest, (int Status, object Body)> answer) => StartAsync(answer, TimeSpan.Zero, null);

    /// <summary>Answers late.</summary>
    public static Task<FakeServer> StartSlowAsync(TimeSpan delay) => StartAsync(delay, [200], null);

    /// <summary>Sends everybody elsewhere.</summary>
    public static Task<FakeServer> StartRedirectAsync(string location) => StartAsync(TimeSpan.Zero, [302], location);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static Task<FakeServer> StartAsync(TimeSpan delay, int[] statuses, string? location)
    {
        var count = 0;
        return StartAsync(
            _ => (statuses[Math.Min(Interlocked.Increment(ref count), statuses.Length) - 1], new { ok = true }), delay, location);
    }

    private static async Task<FakeServer> StartAsync(Func<SeenRequest, (int Status, object Body)> answer, TimeSpan delay, string? location)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var server = new FakeServer(app);
        app.Run(async http =>
        {
            using var reader = new StreamReader(http.Request.Body);
            var body = await reader.ReadToEndAsync(http.RequestAborted);
            var seen = new SeenRequest(
                http.Request.Method, http.Request.Path, body, http.Request.Headers["Idempotency-Key"], http.Request.Headers.Authorization);
            server.Requests.Enqueue(seen);
            await Task.Delay(delay, http.RequestAborted);
            var (status, content) = answer(seen);
            http.Response.StatusCode = status;
            http.Response.Headers.Location = location;
            await http.Response.WriteAsJsonAsync(content);
        });
        await app.StartAsync();
        return server;
    }
}
