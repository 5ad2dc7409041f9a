using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Platform.LocalSupabase.Tests.Functions;

/// <summary>Keeps what the host logged about functions.</summary>
internal sealed class FunctionLog : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _lines = [];

    public IEnumerable<string> Lines => _lines;

    public ILogger CreateLogger(string categoryName) => new Logger(_lines);

    /// <summary>Waits for a line that holds this text.</summary>
    public async Task<string> WaitForAsync(string text)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(20))
        {
            if (_lines.FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal)) is { } found)
            {
                return found;
            }

            await Task.Delay(20);
        }

        throw new AssertionException($"\"{text}\" was not logged:\n{this}");
    }

    public override string ToString() => string.Join('\n', _lines);

    public void Dispose() => _lines.Clear();

    private sealed class Logger(ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id is >= 8200 and < 8300)
            {
                lines.Enqueue(formatter(state, exception));
            }
        }
    }
}
