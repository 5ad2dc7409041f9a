using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Platform.LocalSupabase.Auth.OAuth;

/// <summary>How an answer travels in the URL that a browser is sent to.</summary>
internal static class RedirectAnswer
{
    public static IResult Code(string url, string code) => TypedResults.Redirect(QueryHelpers.AddQueryString(url, "code", code));

    /// <summary>The session in the fragment, which browsers keep to themselves.</summary>
    public static IResult Session(string url, JsonObject session, string? providerToken, string? providerRefreshToken)
    {
        var values = new Dictionary<string, string?>
        {
            ["access_token"] = session["access_token"]!.GetValue<string>(),
            ["expires_at"] = session["expires_at"]!.GetValue<long>().ToString(CultureInfo.InvariantCulture),
            ["expires_in"] = session["expires_in"]!.GetValue<long>().ToString(CultureInfo.InvariantCulture),
            ["provider_refresh_token"] = providerRefreshToken,
            ["provider_token"] = providerToken,
            ["refresh_token"] = session["refresh_token"]!.GetValue<string>(),
            ["token_type"] = "bearer",
        };
        return TypedResults.Redirect($"{url.Split('#')[0]}#{Encode(values)}&sb=");
    }

    /// <summary>The failure in both places, since either kind of client may be waiting.</summary>
    public static IResult Failure(string url, string error, string code, string description)
    {
        var values = new Dictionary<string, string?> { ["error"] = error, ["error_code"] = code, ["error_description"] = description };
        return TypedResults.Redirect($"{QueryHelpers.AddQueryString(url.Split('#')[0], values)}#{Encode(values)}&sb=");
    }

    private static string Encode(Dictionary<string, string?> values) => string.Join('&', values
        .Where(value => !string.IsNullOrEmpty(value.Value))
        .Select(value => $"{value.Key}={Uri.EscapeDataString(value.Value!)}"));
}
