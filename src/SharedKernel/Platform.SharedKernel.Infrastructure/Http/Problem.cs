using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Platform.SharedKernel.Infrastructure.Json;

namespace Platform.SharedKernel.Infrastructure.Http;

/// <summary>An error as the client sees it: RFC 9457, with a stable code. Holds no SQL, host or secret.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">The stable code, which stands in <c>docs/errors.md</c>.</param>
/// <param name="Detail">A sentence for people.</param>
public sealed record Problem(int Status, string Code, string Detail)
{
    /// <summary>A link to what the code means.</summary>
    public string Type => $"/docs/errors#{Code}";

    /// <summary>The status in words.</summary>
    public string Title => ReasonPhrases.GetReasonPhrase(Status);

    /// <summary>What to name when asking for help.</summary>
    public string? TraceId { get; init; }

    /// <summary>JSON path to messages, where the fault has places in the body.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }

    /// <summary>The problem that a failure becomes, for answers that hold several.</summary>
    /// <param name="exception">The failure.</param>
    /// <returns>Its problem; what was not expected says no more than that.</returns>
    public static Problem From(Exception exception) => ProblemMapper.From(exception);

    /// <summary>Answers the request with the problem.</summary>
    /// <param name="http">The request.</param>
    /// <returns>When it is written.</returns>
    public Task WriteAsync(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        http.Response.StatusCode = Status;
        http.Response.ContentType = "application/problem+json";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.ETag = default;
        var traced = this with { TraceId = Activity.Current?.TraceId.ToHexString() ?? http.TraceIdentifier };
        return http.Response.WriteAsync(JsonSerializer.Serialize(traced, PlatformJson.Options), http.RequestAborted);
    }
}
