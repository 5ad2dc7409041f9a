using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Platform.Chat.Tests.Providers;

/// <summary>A provider of models that speaks OpenAI's streams on loopback: each request is answered by the next script.</summary>
internal sealed class FakeProvider : IAsyncDisposable
{
    public const string Key = "the key of the provider";

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Func<HttpResponse, Task>> _answers = new();

    private FakeProvider(WebApplication app) => _app = app;

    public string Url => $"{_app.Urls.Single()}/v1";

    public ConcurrentQueue<JsonElement> Requests { get; } = new();

    public static async Task<FakeProvider> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var provider = new FakeProvider(app);
        app.MapPost("/v1/chat/completions", provider.AnswerAsync);
        await app.StartAsync();
        return provider;
    }

    /// <summary>The next request is answered with a stream of these deltas, then the reason, the usage and the end.</summary>
    public void WillStream(string finishReason, params string[] deltas) => _answers.Enqueue(async response =>
    {
        response.ContentType = "text/event-stream";
        foreach (var delta in deltas)
        {
            await WriteAsync(response, Chunk(delta, "null"));
        }

        await WriteAsync(response, Chunk("{}", $"\"{finishReason}\""));
        await WriteAsync(response, """{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12}}""");
        await response.WriteAsync("data: [DONE]\n\n");
    });

    /// <summary>The next request gets half of a stream.</summary>
    public void WillBreakOff(string delta) => _answers.Enqueue(async response =>
    {
        response.ContentType = "text/event-stream";
        await WriteAsync(response, Chunk(delta, "null"));
    });

    /// <summary>The next request is refused.</summary>
    public void WillRefuse(int status, string message) => _answers.Enqueue(response =>
    {
        response.StatusCode = status;
        return response.WriteAsJsonAsync(new { error = new { message } });
    });

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static string Chunk(string delta, string finishReason) =>
        $$"""{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{{delta}},"finish_reason":{{finishReason}}}]}""";

    private static Task WriteAsync(HttpResponse response, string data) => response.WriteAsync($"data: {data}\n\n");

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Headers.Authorization != $"Bearer {Key}" || !_answers.TryDequeue(out var answer))
        {
            context.Response.StatusCode = 401;
            return;
        }

        Requests.Enqueue((await JsonDocument.ParseAsync(context.Request.Body)).RootElement);
        await answer(context.Response);
    }
}
