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

    /// <summary>The session in the fragment, which browsers keep to themselves.</summary>
    /// <param name="url">Where the browser goes.</param>
    /// <param name="session">What a grant would have answered.</param>
    /// <param name="type">What the link was for; null where a provider was asked.</param>
    public static string WithSession(string url, JsonObject session, string? type) => WithFragment(
        url,
        SessionParts.Where(session.ContainsKey).Select(name => (name, session[name]!.ToString()))
            .Concat(type is null ? [] : [("type", type)]));

    public static string WithError(string url, AuthException exception, bool inQueryToo) => WithError(
        url, exception.Status >= StatusCodes.Status500InternalServerError ? "server_error" : "access_denied", exception.Code,
        exception.Message, inQueryToo);

    /// <summary>A failure in the fragment, and in the query where a client that waits for a code would look.</summary>
    public static string WithError(string url, string error, string code, string description, bool inQueryToo)
    {
        var parameters = new[] { ("error", error), ("error_code", code), ("error_description", description) };
        return WithFragment(inQueryToo ? WithQuery(url, parameters) : url, parameters);
    }

    private static string Encode(IEnumerable<(string Name, string Value)> parameters) =>
        string.Join('&', parameters.Select(parameter => $"{parameter.Name}={Encode(parameter.Value)}"));

    private static string Encode(string value) => Uri.EscapeDataString(value).Replace("%20", "+", StringComparison.Ordinal);
}
