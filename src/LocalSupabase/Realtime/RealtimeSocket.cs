using System.Net.WebSockets;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Platform.LocalSupabase.Realtime.Channels;
using Platform.LocalSupabase.Realtime.Wire;

namespace Platform.LocalSupabase.Realtime;

/// <summary>
/// A client's connection. Frames wait in a bounded queue for one writer: a client that does not read is cut off, and nobody else notices.
/// </summary>
internal sealed class RealtimeSocket(WebSocket socket, int version, string key, RealtimeLimits limits, ILogger logger) : IDisposable
{
    // A waiting writer goes on in the thread that queues: a frame for a hundred clients wakes no hundred threads. Sending never blocks it; a
    // client that does not take what it is sent makes its own writer wait, and nothing else.
    private readonly Channel<OutboundFrame> _outbox = Channel.CreateBounded<OutboundFrame>(
        new BoundedChannelOptions(limits.MaxWaitingFrames)
        {
            SingleReader = true, FullMode = BoundedChannelFullMode.Wait, AllowSynchronousContinuations = true,
        });

    private readonly CancellationTokenSource _ended = new();
    private long _waitingBytes;

    /// <summary>1 or 2: the serialisation.</summary>
    public int Version => version;

    /// <summary>The API key of the handshake, the token of channels that bring none.</summary>
    public string Key => key;

    public Dictionary<string, RealtimeChannel> Channels { get; } = new(StringComparer.Ordinal);

    public RateWindow Joins { get; } = new();

    /// <summary>Queues a frame; cuts the client off where too much waits already.</summary>
    public void Send(OutboundFrame frame)
    {
        if (Interlocked.Add(ref _waitingBytes, frame.Data.Length) > limits.MaxWaitingBytes || !_outbox.Writer.TryWrite(frame))
        {
            if (!_ended.IsCancellationRequested)
            {
                logger.RealtimeClientCutOff(Interlocked.Read(ref _waitingBytes));
                Abort();
            }
        }
    }

    /// <summary>Ends the connection at once.</summary>
    public void Abort()
    {
        _ended.Cancel();
        socket.Abort();
    }

    public void Dispose() => _ended.Dispose();

    /// <summary>Reads until the client leaves, is silent for too long or is cut off.</summary>
    /// <param name="receive">Handles a frame; frames come one by one.</param>
    /// <param name="stopping">The server's end.</param>
    public async Task RunAsync(Func<ReadOnlyMemory<byte>, WebSocketMessageType, CancellationToken, Task> receive, CancellationToken stopping)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, _ended.Token);
        var writing = WriteAsync(either.Token);
        try
        {
            await ReadAsync(receive, either.Token);
            _outbox.Writer.TryComplete();
            await writing;
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, either.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException or IOException)
        {
            // The client is gone, or was sent away.
        }
        finally
        {
            _outbox.Writer.TryComplete();
            await _ended.CancelAsync();
        }
    }

    private async Task ReadAsync(Func<ReadOnlyMemory<byte>, WebSocketMessageType, CancellationToken, Task> receive, CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        while (true)
        {
            var length = 0;
            ValueWebSocketReceiveResult result;
            silence.CancelAfter(limits.SilenceLimit);
            do
            {
                if (length == buffer.Length)
                {
                    if (length >= limits.MaxFrameBytes)
                    {
                        await socket.CloseOutputAsync(WebSocketCloseStatus.MessageTooBig, "The frame is too large.", cancellationToken);
                        return;
                    }

                    Array.Resize(ref buffer, Math.Min(buffer.Length * 2, limits.MaxFrameBytes));
                }

                result = await socket.ReceiveAsync(buffer.AsMemory(length), silence.Token);
                length += result.Count;
            }
            while (!result.EndOfMessage);

            if (result.MessageType == WebSocketMessageType.Close)
            {
                return;
            }

            await receive(buffer.AsMemory(0, length), result.MessageType, cancellationToken);
        }
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var frame in _outbox.Reader.ReadAllAsync(cancellationToken))
            {
                await socket.SendAsync(
                    frame.Data, frame.IsBinary ? WebSocketMessageType.Binary : WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
                Interlocked.Add(ref _waitingBytes, -frame.Data.Length);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException or IOException)
        {
            await _ended.CancelAsync();
        }
    }
}
