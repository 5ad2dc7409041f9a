using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Platform.LocalSupabase.Auth.Flows;

/// <summary>What a browser carries back to the application, behind the place it goes to.</summary>
internal static class RedirectUrl
{
    private static readonly string[] SessionParts =
        ["access_token", "expires_at", "expires_in", "provider_refresh_token", "provider_token", "refresh_token", "token_type"];

    public static string WithQuery(string url, IEnumerable<(string Name, string Value)> parameters)
    {
        var parts = url.Split('#', 2);
        var separator = !parts[0].Contains('?', StringComparison.Ordinal) ? "?" : parts[0].EndsWith('?') ? "" : "&";
        return $"{parts[0]}{separator}{Encode(parameters)}{(parts.Length == 2 ? "#" + parts[1] : "")}";
    }

    /// <summary>The empty <c>sb</c> tells the client that this fragment is meant for it.</summary>
    public static string WithFragment(string url, IEnumerable<(string Name, string Value)> parameters) =>
        $"{url.Split('#')[0]}#{Encode(parameters)}&sb=";

    public static string WithSession(string url, JsonObject session, string type) => WithFragment(
        url,
        [
            .. SessionParts.Where(session.ContainsKey).Select(name => (name, session[name]!.ToString())),
            ("type", type),
        ]);

    public static string WithError(string url, AuthException exception, bool inQueryToo)
    {
        var parameters = new[]
        {
            ("error", exception.Status >= StatusCodes.Status500InternalServerError ? "server_error" : "access_denied"),
            ("error_code", exception.Code),
            ("error_description", exception.Message),
        };
        return WithFragment(inQueryToo ? WithQuery(url, parameters) : url, parameters);
    }

    private static string Encode(IEnumerable<(string Name, string Value)> parameters) =>
        string.Join('&', parameters.Select(parameter => $"{parameter.Name}={Encode(parameter.Value)}"));

    private static string Encode(string value) => Uri.EscapeDataString(value).Replace("%20", "+", StringComparison.Ordinal);
}
