using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Platform.Connectors.Contracts.Queries;
using Platform.Dashboards.Data;
using Platform.SharedKernel.Infrastructure.Http;
using Platform.SharedKernel.Infrastructure.Json;

namespace Platform.Dashboards.Features.Dashboards;

/// <summary>One line of a dashboard's data.</summary>
internal sealed record WidgetData(
    Guid WidgetId,
    string Status,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] QueryResult? Result,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Problem? Problem,
    string Cache,
    DateTimeOffset? AsOf);

/// <summary>Writes NDJSON: a line a widget, each as soon as it is ready.</summary>
internal static class DataLines
{
    public const string MediaType = "application/x-ndjson";

    public static async Task WriteAsync(HttpResponse response, IReadOnlyList<(Guid WidgetId, Task<Answer> Answer)> answers, CancellationToken cancellationToken)
    {
        response.ContentType = MediaType;
        response.Headers.CacheControl = "no-store";
        // The headers go at once: a board of slow queries shows that it is being read.
        await response.StartAsync(cancellationToken);
        var widgets = answers.ToDictionary(answer => (Task)answer.Answer, answer => answer.WidgetId);
        await foreach (var ended in Task.WhenEach(answers.Select(answer => answer.Answer)).WithCancellation(cancellationToken))
        {
            var line = await LineAsync(widgets[ended], ended);
            response.BodyWriter.Write(line);
            await response.BodyWriter.FlushAsync(cancellationToken);
        }
    }

    private static async Task<byte[]> LineAsync(Guid widgetId, Task<Answer> ended)
    {
        try
        {
            var answer = await ended;
            return Line(widgetId, answer);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // One broken widget does not take the others with it.
            var line = new WidgetData(widgetId, "error", null, Problem.From(exception), Answer.Miss, null);
            return [.. JsonSerializer.SerializeToUtf8Bytes(line, PlatformJson.Options), (byte)'\n'];
        }
    }

    // The result is JSON already: it is put in as it is, not read and written again.
    private static byte[] Line(Guid widgetId, Answer answer)
    {
        using var stream = new MemoryStream(answer.Result.Json.Length + 200);
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("widget_id", widgetId);
            json.WriteString("status", "ok");
            json.WritePropertyName("result");
            json.WriteRawValue(answer.Result.Json.Span, skipInputValidation: true);
            json.WriteString("cache", answer.Cache);
            json.WriteString("as_of", answer.Result.AsOf);
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }
}
