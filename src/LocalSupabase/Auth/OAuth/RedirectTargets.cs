using System.Net;
using Microsoft.AspNetCore.Http;

namespace Platform.LocalSupabase.Auth.OAuth;

/// <summary>Where a browser may be sent with a session in its URL. Whatever is not allowed becomes the site itself, in silence.</summary>
internal sealed class RedirectTargets(LocalSupabaseOptions options)
{
    private readonly Lazy<List<UrlPattern>> _patterns = new(() =>
        [.. options.OAuth.RedirectUrls.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(url => new UrlPattern(url))]);

    public string SiteUrl => string.IsNullOrEmpty(options.OAuth.SiteUrl) ? options.Url() : options.OAuth.SiteUrl;

    /// <summary>What the request asks for by header, query or referrer, or else the site.</summary>
    public string Choose(HttpRequest request)
    {
        string?[] wishes = [request.Headers["redirect_to"], request.Query["redirect_to"], request.Headers.Referer];
        var wish = wishes.FirstOrDefault(candidate => !string.IsNullOrEmpty(candidate));
        return wish is not null && IsAllowed(wish) ? wish : SiteUrl;
    }

    public bool IsAllowed(string url)
    {
        // What browsers read in another way than this program is nowhere to send them.
        if (url.Any(letter => letter is '\\' or <= ' ' or '\u007f') || !Uri.TryCreate(url, UriKind.Absolute, out var target))
        {
            return false;
        }

        if (IsSite(target))
        {
            return true;
        }

        if (WrittenHost(url) is { Length: > 0 } host && host.All(char.IsAsciiDigit))
        {
            return false;     // an address written as one number
        }

        if (IPAddress.TryParse(target.Host.Trim('[', ']'), out var address))
        {
            return IPAddress.IsLoopback(address) && IsWeb(target);
        }

        return Spellings(target).Any(spelling => _patterns.Value.Any(pattern => pattern.IsMatch(spelling)));
    }

    private bool IsSite(Uri target) =>
        Uri.TryCreate(SiteUrl, UriKind.Absolute, out var site)
        && target.Scheme == site.Scheme
        && target.Host.Equals(site.Host, StringComparison.OrdinalIgnoreCase)
        && target.UserInfo.Length == 0
        && (target.Port == site.Port || target.IsLoopback);

    private static bool IsWeb(Uri target) =>
        (target.Scheme == Uri.UriSchemeHttp || target.Scheme == Uri.UriSchemeHttps) && target.UserInfo.Length == 0;

    private static string WrittenHost(string url)
    {
        var rest = url[(url.IndexOf("://", StringComparison.Ordinal) is >= 0 and var start ? start + 3 : 0)..];
        return rest.Split('/', '?', '#')[0].Split('@')[^1].Split(':')[0];
    }

    // Without the fragment, dots in the path resolved; a bare host may be written with or without its slash.
    private static IEnumerable<string> Spellings(Uri target)
    {
        var url = target.AbsoluteUri.Split('#')[0];
        yield return url;
        if (target.PathAndQuery == "/" && url.EndsWith('/'))
        {
            yield return url[..^1];
        }
    }
}
