using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Server;

namespace Platform.Connectors.Tests.Sources;

/// <summary>An MCP server that stands for somebody's, with sessions or without.</summary>
internal sealed class SourceMcp : IAsyncDisposable
{
    private readonly WebApplication _app;

    private SourceMcp(WebApplication app) => _app = app;

    public string Url => $"{_app.Urls.First()}/mcp";

    public static async Task<SourceMcp> StartAsync(bool isStateless)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddMcpServer().WithHttpTransport(options => options.Stateless = isStateless).WithTools<Tools>().WithResources<Notes>();
        var app = builder.Build();
        app.Use(async (context, next) =>
        {
            if (context.Request.Headers.Authorization == "Bearer good")
            {
                await next(context);
                return;
            }

            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        });
        app.MapMcp("/mcp");
        await app.StartAsync();
        return new SourceMcp(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    internal sealed record Ticket(int Id, string Title, bool Open);

    internal sealed record TicketList(IReadOnlyList<Ticket> Tickets);

    internal sealed class Tools
    {
        public static int Closed { get; private set; }

        [McpServerTool(Name = "find_tickets", ReadOnly = true, UseStructuredContent = true)]
        public static TicketList FindTickets(string word, int count = 2) =>
            new([.. Enumerable.Range(1, count).Select(id => new Ticket(id, $"{word} {id}", id % 2 == 1))]);

        [McpServerTool(Name = "say", ReadOnly = true)]
        public static string Say(string text) => $"You said {text}";

        [McpServerTool(Name = "close_all")]
        public static string CloseAll()
        {
            Closed++;
            return "closed";
        }

        [McpServerTool(Name = "sleep", ReadOnly = true)]
        public static async Task<string> SleepAsync(CancellationToken cancellationToken)
        {
            await Task.Delay(TimeSpan.FromSeconds(30), cancellationToken);
            return "slept";
        }

        [McpServerTool(Name = "huge", ReadOnly = true)]
        public static string Huge() => new('x', 40 * 1024 * 1024);

        [McpServerTool(Name = "fails", ReadOnly = true)]
        public static string Fails() => throw new ModelContextProtocol.McpException("It does not work today.");
    }

    internal sealed class Notes
    {
        [McpServerResource(UriTemplate = "notes://today", Name = "today", MimeType = "application/json")]
        public static string Today() => """[{"hour": 9, "text": "coffee"}, {"hour": 12, "text": "lunch"}]""";
    }
}
