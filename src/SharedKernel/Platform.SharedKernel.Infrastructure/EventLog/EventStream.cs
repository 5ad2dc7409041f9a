using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Infrastructure.Database;
using Platform.SharedKernel.Infrastructure.Events;

namespace Platform.SharedKernel.Infrastructure.EventLog;

/// <summary>
/// A topic of the event log as server-sent events (WHATWG HTML, "Server-sent events"). A client resumes on any node with
/// <c>Last-Event-ID</c> and sees neither a gap nor a repeat; a disconnect cancels nothing.
/// </summary>
public sealed class EventStream
{
    internal const string Channel = "platform_stream";
    private const int BatchSize = 200;
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);
    private readonly KernelDatabase _database;
    private readonly NotificationHub _hub;
    private readonly ICurrentCaller _caller;
    private readonly IHostApplicationLifetime _lifetime;

    internal EventStream(KernelDatabase database, NotificationHub hub, ICurrentCaller caller, IHostApplicationLifetime lifetime) =>
        (_database, _hub, _caller, _lifetime) = (database, hub, caller, lifetime);

    /// <summary>Sends the topic's events until its final one, or until the client leaves or the node goes down.</summary>
    /// <param name="http">The request; its <c>Last-Event-ID</c> says where to begin.</param>
    /// <param name="topic">A topic that the caller was found to own.</param>
    /// <returns>When the stream has ended.</returns>
    public async Task WriteAsync(HttpContext http, string topic)
    {
        ArgumentNullException.ThrowIfNull(http);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, _lifetime.ApplicationStopping);
        var cancellationToken = over.Token;
        var last = ReadLastEventId(http.Request);
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        using var wakeUps = _hub.Subscribe(Channel, topic);
        try
        {
            while (true)
            {
                var events = await ReadAsync(topic, last, cancellationToken);
                foreach (var entry in events)
                {
                    await http.Response.WriteAsync(Format(entry), cancellationToken);
                    last = entry.Seq;
                    if (entry.Final)
                    {
                        return;
                    }
                }

                await http.Response.Body.FlushAsync(cancellationToken);
                if (events.Count < BatchSize && !await wakeUps.WaitAsync(Heartbeat, cancellationToken))
                {
                    await http.Response.WriteAsync(": heartbeat\n\n", cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The client has left, or is to go on at another node; what it watched goes on.
        }
    }

    private static long ReadLastEventId(HttpRequest request) =>
        long.TryParse(request.Headers["Last-Event-ID"], NumberStyles.None, CultureInfo.InvariantCulture, out var header) ? header : 0;

    private static string Format(StreamEvent entry) =>
        new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"id: {entry.Seq}\n")
            .Append(CultureInfo.InvariantCulture, $"event: {entry.Type}\n")
            .Append(CultureInfo.InvariantCulture, $"data: {entry.Payload}\n\n")
            .ToString();

    private Task<List<StreamEvent>> ReadAsync(string topic, long after, CancellationToken cancellationToken) =>
        _database.QueryAsync(
            _caller.Caller,
            "select seq, type, payload::text, final from platform.stream_events where topic = @topic and seq > @after order by seq limit @limit",
            reader => new StreamEvent(reader.GetInt64(0), reader.GetString(1), reader.GetString(2), reader.GetBoolean(3)),
            cancellationToken,
            new NpgsqlParameter<string>("topic", topic),
            new NpgsqlParameter<long>("after", after),
            new NpgsqlParameter<int>("limit", BatchSize));
}
