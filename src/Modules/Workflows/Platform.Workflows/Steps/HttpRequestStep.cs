using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using MediatR;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Platform.Connectors.Contracts.Queries;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Egress;

namespace Platform.Workflows.Steps;

/// <summary>Calls an address outside, through the one way out.</summary>
internal sealed class HttpRequestStep : IStepType
{
    private const int MaxBodyBytes = 1024 * 1024;
    private static readonly HashSet<string> Methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];

    public string Type => "http_request";

    public string Title => "HTTP request";

    public bool IsPure => false;

    public bool OnlyReads(StepContext context) => (context.Text("method") ?? "GET").ToUpperInvariant() is "GET" or "HEAD";

    public IReadOnlyList<StepMember> Members { get; } =
    [
        new("method", "string", "GET, POST, PUT, PATCH, DELETE or HEAD; GET if left out."),
        new("url", "string", "An http or https address.", IsRequired: true),
        new("headers", "object", "Header names and values."),
        new("query", "object", "Query names and values."),
        new("body", "any", "JSON, or text, which is sent as it is."),
        new("auth", "string", "An http connector at the same host, whose credentials the request carries."),
    ];

    public JsonObject Example => new() { ["method"] = "POST", ["url"] = "https://example.com/orders", ["body"] = new JsonObject { ["id"] = "{{ input.id }}" } };

    public async Task<StepResult> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        if (CreateRequest(context) is not { } request)
        {
            return new StepResult.Failed("step_input_invalid", "The method, url or a header is not valid.");
        }

        using (request)
        {
            try
            {
                await AuthorizeAsync(request, context, cancellationToken);
                using var response = await context.Services.GetRequiredService<EgressClient>().SendAsync(request, cancellationToken);
                return response.IsSuccessStatusCode
                    ? new StepResult.Completed(await ReadAsync(response, cancellationToken))
                    : Refused(response);
            }
            catch (HttpRequestException exception)
            {
                return new StepResult.Failed("http_unreachable", $"The server cannot be reached ({exception.HttpRequestError}).", IsRetryable: true);
            }
            catch (InvalidDataException exception)
            {
                return new StepResult.Failed("http_body_too_large", exception.Message);
            }
        }
    }

    // The secrets meet the request here, and stand nowhere that the step's input or log is kept.
    private static async Task AuthorizeAsync(HttpRequestMessage request, StepContext context, CancellationToken cancellationToken)
    {
        if (context.Text("auth") is not { } connector)
        {
            return;
        }

        RuleViolationException.ThrowIf(
            !Guid.TryParse(connector, out var connectorId), "step_input_invalid", "auth is not the id of a connector.");
        var authorization = await context.Services.GetRequiredService<IMediator>().Send(
            new GetHttpAuthorizationQuery(connectorId, request.RequestUri!.AbsoluteUri), cancellationToken);
        foreach (var (name, value) in authorization.Headers)
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }

    private static HttpRequestMessage? CreateRequest(StepContext context)
    {
        var query = (context.With["query"] as JsonObject ?? [])
            .ToDictionary(pair => pair.Key, pair => pair.Value is JsonValue value ? value.ToString() : pair.Value?.ToJsonString());
        var method = (context.Text("method") ?? "GET").ToUpperInvariant();
        if (!Methods.Contains(method) || !Uri.TryCreate(QueryHelpers.AddQueryString(context.Text("url") ?? "", query), UriKind.Absolute, out var url))
        {
            return null;
        }

        var request = new HttpRequestMessage(new HttpMethod(method), url);
        if (context.With["body"] is { } body)
        {
            request.Content = body.GetValueKind() == JsonValueKind.String
                ? new StringContent(body.GetValue<string>(), Encoding.UTF8, "text/plain")
                : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        }

        if (method is not ("GET" or "HEAD"))
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", context.IdempotencyKey);
        }

        foreach (var (name, value) in context.With["headers"] as JsonObject ?? [])
        {
            var text = value?.ToString() ?? "";
            if (name.Equals("content-type", StringComparison.OrdinalIgnoreCase) && request.Content is not null
                && MediaTypeHeaderValue.TryParse(text, out var contentType))
            {
                request.Content.Headers.ContentType = contentType;
            }
            else if (text.AsSpan().IndexOfAny('\r', '\n') >= 0 || !request.Headers.TryAddWithoutValidation(name, text))
            {
                request.Dispose();
                return null;
            }
        }

        return request;
    }

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new MemoryStream();
        var chunk = new byte[16 * 1024];
        int read;
        while ((read = await stream.ReadAsync(chunk, cancellationToken)) > 0)
        {
            if (buffer.Length + read > MaxBodyBytes)
            {
                throw new InvalidDataException("The answer is larger than 1 MiB.");
            }

            buffer.Write(chunk, 0, read);
        }

        return new JsonObject
        {
            ["status"] = (int)response.StatusCode,
            ["headers"] = new JsonObject(response.Headers.Concat(response.Content.Headers)
                .Select(header => KeyValuePair.Create(header.Key.ToLowerInvariant(), (JsonNode?)string.Join(", ", header.Value)))),
            ["body"] = Parse(response.Content.Headers.ContentType?.MediaType, Encoding.UTF8.GetString(buffer.ToArray())),
        };
    }

    private static JsonNode? Parse(string? mediaType, string text)
    {
        if (mediaType is null || !(mediaType.EndsWith("/json", StringComparison.Ordinal) || mediaType.EndsWith("+json", StringComparison.Ordinal)))
        {
            return text;
        }

        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            // What claims to be JSON and is not stays text.
            return text;
        }
    }

    private static StepResult.Failed Refused(HttpResponseMessage response)
    {
        var retryable = (int)response.StatusCode >= 500 || response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout;
        return new StepResult.Failed(
            "http_status", $"The server answered {(int)response.StatusCode}.", retryable, response.Headers.RetryAfter?.Delta);
    }
}
