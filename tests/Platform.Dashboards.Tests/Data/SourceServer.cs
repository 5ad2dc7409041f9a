using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Platform.Dashboards.Tests.Data;

/// <summary>Somebody's API on loopback: it answers rows, counts what it is asked, and can be slow or broken.</summary>
public sealed class SourceServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _cancelled;

    private SourceServer(WebApplication app) => _app = app;

    public string Url => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    /// <summary>Paths with their queries, in the order they came.</summary>
    public ConcurrentQueue<string> Asked { get; } = [];

    /// <summary>How many requests their client gave up.</summary>
    public int Cancelled => _cancelled;

    public TimeSpan Delay { get; set; }

    public int Status { get; set; } = 200;

    /// <summary>What it answers: rows.</summary>
    public Func<HttpRequest, object> Rows { get; set; } = _ => new[] { new { id = 1, total = 10 } };

    public static async Task<SourceServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        var app = builder.Build();
        var server = new SourceServer(app);
        app.Run(server.AnswerAsync);
        await app.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        Asked.Enqueue(http.Request.Path + http.Request.QueryString);
        try
        {
            var delay = http.Request.Path.StartsWithSegments("/slow") ? TimeSpan.FromSeconds(20) : Delay;
            await Task.Delay(delay, http.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            Interlocked.Increment(ref _cancelled);
            throw;
        }

        http.Response.StatusCode = Status;
        await http.Response.WriteAsJsonAsync(Rows(http.Request));
    }
}
