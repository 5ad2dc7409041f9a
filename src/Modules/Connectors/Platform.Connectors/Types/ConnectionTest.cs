namespace Platform.Connectors.Types;

/// <summary>Runs the probe of a connection test and turns what went wrong into the test's code.</summary>
internal static class ConnectionTest
{
    private static readonly HashSet<string> Codes = new(StringComparer.Ordinal)
    {
        SourceFailure.HostNotFound, SourceFailure.ConnectionRefused, SourceFailure.Timeout, SourceFailure.TlsFailed,
        SourceFailure.AuthenticationFailed, SourceFailure.PermissionDenied, SourceFailure.DatabaseNotFound,
        SourceFailure.AddressNotAllowed, SourceFailure.InvalidConfig, SourceFailure.AuthorizationRequired,
    };

    /// <summary>Whether a failure has one of the codes of a test.</summary>
    public static bool IsCode(string code) => Codes.Contains(code);

    public static async Task<ConnectionTestResult> RunAsync(TimeProvider clock, Func<Task<string>> probe)
    {
        var started = clock.GetTimestamp();
        try
        {
            var detail = await probe();
            return new ConnectionTestResult(true, SourceFailure.Ok, detail, Elapsed());
        }
        catch (SourceException exception)
        {
            return new ConnectionTestResult(false, CodeOf(exception.Code), exception.Message, Elapsed());
        }

        long Elapsed() => (long)clock.GetElapsedTime(started).TotalMilliseconds;
    }

    // The codes of a test are a closed set; what only a query can meet is told as the nearest of them.
    private static string CodeOf(string code) => code switch
    {
        SourceFailure.QueryTimeout => SourceFailure.Timeout,
        SourceFailure.RateLimited or SourceFailure.Busy => SourceFailure.ConnectionRefused,
        _ when Codes.Contains(code) => code,
        _ => SourceFailure.InvalidConfig,
    };
}
