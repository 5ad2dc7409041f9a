using Microsoft.Extensions.Logging;

namespace Platform.Connectors.Tests.Sources;

/// <summary>Keeps every line of the log, of every level that is on, with its scopes and exceptions.</summary>
internal sealed class LogRecorder(List<string> seen) : ILoggerProvider, ILogger
{
    private bool _ended;

    public ILogger CreateLogger(string categoryName) => this;

    // The application keeps it; from now on it hears nothing.
    public void Dispose() => _ended = true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        Keep($"{state}");
        return null;
    }

    public bool IsEnabled(LogLevel logLevel) => !_ended;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Keep($"{formatter(state, exception)} {exception}");

    private void Keep(string text)
    {
        lock (seen)
        {
            if (!_ended)
            {
                seen.Add(text);
            }
        }
    }
}
