using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace Platform.LocalSupabase.Auth.OneTime;

/// <summary>
/// Where a browser may be sent with a session: to the site, to this machine, or to a place that the settings allow. Anything else becomes
/// the site, without an error.
/// </summary>
internal sealed partial class RedirectTargets(LocalSupabaseOptions options)
{
    private readonly IReadOnlyList<Regex> _allowed = [.. (options.Auth.RedirectUrls ?? "")
        .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(ToRegex)];

    /// <summary>The place that a request asks for, if it may.</summary>
    public string Of(HttpContext context)
    {
        const string name = "redirect_to";
        var request = context.Request;
        var asked = new[] { request.Headers[name].ToString(), request.Query[name].ToString(), request.Headers.Referer.ToString() }
            .FirstOrDefault(candidate => candidate.Length > 0);
        return Choose(asked);
    }

    public string Choose(string? asked) => asked is not null && IsAllowed(asked) ? asked : options.SiteUrl;

    public bool IsAllowed(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri)
            || url.Any(letter => letter is <= ' ' or '\\' or '\u007f') || NumericHost().IsMatch(url))
        {
            return false;
        }

        if (uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0 && Uri.TryCreate(options.SiteUrl, UriKind.Absolute, out var site))
        {
            var isHere = IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address);
            if (isHere || (uri.IsLoopback && site.IsLoopback)
                || (uri.Scheme == site.Scheme && uri.Host == site.Host && uri.Port == site.Port))
            {
                return true;
            }
        }

        // As a browser reads it: dots in the path resolved, without the fragment; a bare host as it was written.
        var withoutFragment = uri.AbsoluteUri.Split('#')[0];
        var isBare = uri.PathAndQuery == "/" && !url.Split('#')[0].EndsWith('/');
        var read = isBare ? withoutFragment.TrimEnd('/') : withoutFragment;
        return _allowed.Any(pattern => pattern.IsMatch(read));
    }

    /// <summary>Stars, question marks and sets; a single star or a question mark stops at a dot or a slash.</summary>
    private static Regex ToRegex(string glob)
    {
        var pattern = new StringBuilder("^");
        for (var index = 0; index < glob.Length; index++)
        {
            var letter = glob[index];
            switch (letter)
            {
                case '*' when index + 1 < glob.Length && glob[index + 1] == '*':
                    pattern.Append(".*");
                    index++;
                    break;
                case '*':
                    pattern.Append("[^./]*");
                    break;
                case '?':
                    pattern.Append("[^./]");
                    break;
                case '[' when glob.IndexOf(']', index) is var end && end > index + 1:
                    var set = glob[(index + 1)..end];
                    pattern.Append(set.StartsWith('!') ? "[^" : "[").Append(Regex.Escape(set.TrimStart('!'))).Append(']');
                    index = end;
                    break;
                case '\\' when index + 1 < glob.Length:
                    pattern.Append(Regex.Escape(glob[++index].ToString()));
                    break;
                default:
                    pattern.Append(Regex.Escape(letter.ToString()));
                    break;
            }
        }

        return new Regex(pattern.Append("\\z").ToString(), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
    }

    // Browsers read a whole number as an IPv4 address, so such a host can be any.
    [GeneratedRegex(
        @"^[a-z][a-z0-9+.-]*://([^/?#]*@)?(0x[0-9a-f]*|[0-9]+)([:/?#]|\z)", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex NumericHost();
}
