using Microsoft.AspNetCore.Http;

namespace Platform.LocalSupabase.Functions;

/// <summary>A call that the host refuses or cannot finish, as the hosted service words it.</summary>
internal sealed class FunctionsException(int status, string code, string message, TimeSpan? retryAfter = null) : Exception(message)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    public TimeSpan? RetryAfter { get; } = retryAfter;

    public static FunctionsException NoSuchFunction() =>
        new(StatusCodes.Status404NotFound, "NOT_FOUND", "Requested function was not found");

    /// <summary>It did not come to listen; the log says why.</summary>
    public static FunctionsException NotStarted(TimeSpan? retryAfter = null) =>
        new(StatusCodes.Status503ServiceUnavailable, "BOOT_ERROR", "Function failed to start (please check logs)", retryAfter);

    /// <summary>This machine cannot run functions at all.</summary>
    public static FunctionsException Unavailable(string message) =>
        new(StatusCodes.Status503ServiceUnavailable, "FUNCTIONS_UNAVAILABLE", message);

    public static FunctionsException Busy() =>
        new(StatusCodes.Status429TooManyRequests, "TOO_MANY_CALLS", "Too many calls run at once", TimeSpan.FromSeconds(1));

    /// <summary>Its process ended under the call.</summary>
    public static FunctionsException Crashed() =>
        new(StatusCodes.Status500InternalServerError, "WORKER_ERROR", "Function exited due to an error (please check logs)");

    /// <summary>It was stopped for memory or CPU time. 546 is the hosted service's own status.</summary>
    public static FunctionsException OverLimit() =>
        new(546, "WORKER_LIMIT", "Function failed due to not having enough compute resources (please check logs)");

    public static FunctionsException TimedOut(int seconds) =>
        new(StatusCodes.Status504GatewayTimeout, "IDLE_TIMEOUT", $"The request timed out after {seconds} s");
}
