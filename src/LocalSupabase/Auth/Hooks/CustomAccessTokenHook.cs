using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Npgsql;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Auth.Hooks;

/// <summary>Lets a function of the application's database have the last word on the claims of an access token.</summary>
internal sealed partial class CustomAccessTokenHook
{
    private const int TimeoutSeconds = 2;

    // What the rest of the system relies on.
    private static readonly (string Claim, JsonValueKind[] Kinds)[] Required =
    [
        ("aud", [JsonValueKind.String, JsonValueKind.Array]),
        ("exp", [JsonValueKind.Number]),
        ("iat", [JsonValueKind.Number]),
        ("sub", [JsonValueKind.String]),
        ("email", [JsonValueKind.String]),
        ("phone", [JsonValueKind.String]),
        ("role", [JsonValueKind.String]),
        ("aal", [JsonValueKind.String]),
        ("session_id", [JsonValueKind.String]),
        ("is_anonymous", [JsonValueKind.True, JsonValueKind.False]),
    ];

    private readonly string? _sql;

    public CustomAccessTokenHook(LocalSupabaseOptions options)
    {
        var uri = options.CustomAccessToken.Uri;
        if (string.IsNullOrEmpty(uri))
        {
            return;
        }

        var match = FunctionUri().Match(uri);
        _sql = match.Success
            ? $"select \"{match.Groups["schema"].Value}\".\"{match.Groups["name"].Value}\"(@event)::jsonb"
            : throw new LocalSupabaseException(
                "auth_hook_invalid", $"{uri} is no function of the database.", "Write it as pg-functions://postgres/schema/function.");
    }

    /// <summary>The claims that are signed. Within the transaction of the sign-in: what fails here signs nobody in.</summary>
    public async Task<JsonObject> ApplyAsync(
        NpgsqlConnection connection, JsonObject claims, string authenticationMethod, CancellationToken cancellationToken)
    {
        if (_sql is null)
        {
            return claims;
        }

        var command = connection.Command(_sql, ("event", new JsonObject
        {
            ["user_id"] = claims["sub"]!.DeepClone(),
            ["claims"] = claims,
            ["authentication_method"] = authenticationMethod,
        }));
        command.CommandTimeout = TimeoutSeconds;
        string? answer;
        try
        {
            answer = await command.ScalarAsync<string>(cancellationToken);
        }
        catch (NpgsqlException exception) when (
            exception is PostgresException { SqlState: PostgresErrorCodes.QueryCanceled } or { InnerException: TimeoutException })
        {
            throw new AuthException(
                StatusCodes.Status422UnprocessableEntity, "hook_timeout", "Failed to reach hook within maximum time of 2.000000 seconds");
        }

        return Read(answer is null ? null : JsonNode.Parse(answer));
    }

    private static JsonObject Read(JsonNode? answer)
    {
        if (answer?["error"] is JsonObject error)
        {
            var status = error["http_code"] is JsonValue code && code.TryGetValue<int>(out var number) && number is >= 400 and <= 599
                ? number
                : StatusCodes.Status500InternalServerError;
            throw new AuthException(status, "unexpected_failure", error["message"]?.ToString() ?? "");
        }

        var claims = answer?["claims"] as JsonObject
            ?? throw new AuthException(StatusCodes.Status500InternalServerError, "unexpected_failure", "output claims field is missing");
        var broken = Required.Where(rule => claims[rule.Claim] is not { } value || !rule.Kinds.Contains(value.GetValueKind()))
            .Select(rule => rule.Claim).ToList();
        return broken.Count == 0
            ? claims.DeepClone().AsObject()
            : throw new AuthException(
                StatusCodes.Status500InternalServerError, "unexpected_failure",
                $"output claims do not conform to the expected schema: \n- {string.Join("\n- ", broken)}");
    }

    [GeneratedRegex(@"\Apg-functions://postgres/(?<schema>[A-Za-z_][A-Za-z0-9_$]{0,62})/(?<name>[A-Za-z_][A-Za-z0-9_$]{0,62})\z")]
    private static partial Regex FunctionUri();
}
