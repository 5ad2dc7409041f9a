using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Platform.Connectors.Types.Http;

namespace Platform.Connectors.Types.GraphQl;

/// <summary>Sends documents to an endpoint (GraphQL over HTTP) and follows the cursors of connections.</summary>
internal sealed class GraphQlClient(HttpSender sender)
{
    private const int MaxAnswerBytes = 32 * 1024 * 1024;
    private const string Accept = "application/graphql-response+json, application/json;q=0.9";

    /// <summary>Runs a document; what the answer calls errors becomes a <see cref="SourceException"/>.</summary>
    /// <returns>The answer's <c>data</c>.</returns>
    public async Task<JsonElement> AskAsync(
        ConnectorSettings settings, GraphQlConfig config, string document, JsonObject variables, CancellationToken cancellationToken)
    {
        var body = new JsonObject { ["query"] = document, ["variables"] = variables.DeepClone() }.ToJsonString();
        using var response = await sender.SendAsync(
            settings, config.Source, new Uri(config.Source.Url), body, cancellationToken, Accept,
            isAnswer: status => status is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity);
        var answer = await HttpBody.ReadAsync(response, MaxAnswerBytes, cancellationToken);
        if (answer.ValueKind != JsonValueKind.Object)
        {
            throw new SourceException(SourceFailure.DataInvalid, "The source's answer is not one of GraphQL.");
        }

        if (answer.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Array && errors.GetArrayLength() > 0)
        {
            throw FailureOf(errors[0]);
        }

        return answer.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object
            ? data
            : throw new SourceException(SourceFailure.DataInvalid, "The source's answer has no data.");
    }

    /// <summary>The rows of each page, as long as the document has the cursor's variable and the answer says that there is more.</summary>
    public async IAsyncEnumerable<IReadOnlyList<JsonElement>> PagesAsync(
        ConnectorSettings settings, GraphQlConfig config, GraphQlDocument document, JsonElement parameters, int maxPages,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var variables = VariablesOf(document, parameters);
        var cursors = new HashSet<string>(StringComparer.Ordinal);
        for (var page = 0; ; page++)
        {
            if (page >= maxPages)
            {
                throw new SourceException(SourceFailure.QueryTooLarge, $"The source has more than {maxPages} pages.");
            }

            var data = await AskAsync(settings, config, document.Text, variables, cancellationToken);
            var rows = GraphQlRows.In(data, config.RowsPath);
            yield return rows.Items;
            if (rows.NextCursor is not { } next || !document.Variables.Contains(config.CursorVariable))
            {
                yield break;
            }

            if (!cursors.Add(next))
            {
                throw new SourceException(SourceFailure.DataInvalid, "The source's pages go round in a circle.");
            }

            variables[config.CursorVariable] = next;
        }
    }

    // A value that the document does not name would be refused by strict endpoints.
    private static JsonObject VariablesOf(GraphQlDocument document, JsonElement parameters)
    {
        var variables = new JsonObject();
        if (parameters.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in parameters.EnumerateObject().Where(member => document.Variables.Contains(member.Name)))
            {
                variables[member.Name] = JsonNode.Parse(member.Value.GetRawText());
            }
        }

        return variables;
    }

    // The codes are not part of the specification; these are what most servers use.
    private static SourceException FailureOf(JsonElement error)
    {
        var message = HttpSource.Text(error, "message") ?? "The source reported an error.";
        var extensions = error.ValueKind == JsonValueKind.Object && error.TryGetProperty("extensions", out var found) ? found : default;
        var code = (HttpSource.Text(extensions, "code") ?? HttpSource.Text(error, "type"))?.ToUpperInvariant();
        return code switch
        {
            "UNAUTHENTICATED" => new(SourceFailure.AuthenticationFailed, "The source does not accept the credentials."),
            "FORBIDDEN" or "INSUFFICIENT_SCOPES" => new(SourceFailure.PermissionDenied, message),
            "RATE_LIMITED" or "THROTTLED" => new(SourceFailure.RateLimited, "The source asks to slow down."),
            _ => new(SourceFailure.QueryFailed, message),
        };
    }
}
