using Microsoft.AspNetCore.Http;

namespace Platform.Connectors.Features.OAuth;

/// <summary>
/// Knows the browser that began an authorization, by a cookie. Without it somebody could begin one, have another person follow the
/// address, and read that person's data through a connector of his own (RFC 9700, section 4.7).
/// </summary>
internal static class OAuthBrowser
{
    public static void Remember(HttpContext http, string stateHash, DateTimeOffset until) =>
        http.Response.Cookies.Append(NameOf(http, stateHash), stateHash, OptionsOf(http, until));

    public static bool Knows(HttpContext http, string stateHash) => http.Request.Cookies[NameOf(http, stateHash)] == stateHash;

    public static void Forget(HttpContext http, string stateHash) =>
        http.Response.Cookies.Delete(NameOf(http, stateHash), OptionsOf(http, null));

    // One for each authorization, since several may be begun. The prefix keeps neighbouring hosts from setting it (RFC 6265bis).
    private static string NameOf(HttpContext http, string stateHash) =>
        $"{(http.Request.IsHttps ? "__Host-" : "")}connector-oauth-{stateHash[..16]}";

    // The way back is a navigation from another site, which brings cookies that are Lax.
    private static CookieOptions OptionsOf(HttpContext http, DateTimeOffset? until) => new()
    {
        Path = "/",
        HttpOnly = true,
        Secure = http.Request.IsHttps,
        SameSite = SameSiteMode.Lax,
        Expires = until,
    };
}
