using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Platform.LocalSupabase.Storage;

/// <summary>Names of buckets and objects. They are data and never become a path on disk.</summary>
internal static partial class StorageNames
{
    private const int MaxBucketLength = 100;
    private const int MaxKeyLength = 1024;

    public static bool IsBucket(string name) =>
        name.Length is > 0 and <= MaxBucketLength && name.Trim().Length == name.Length && BucketPattern().IsMatch(name);

    public static bool IsKey(string key) => key.Length is > 0 and <= MaxKeyLength && KeyPattern().IsMatch(key);

    public static string RequireKey(string? key) => key is not null && IsKey(key) ? key : throw StorageException.InvalidKey(key ?? "");

    /// <summary>
    /// Bucket and key from the request line, decoded once. The server's own path keeps an encoded slash as it is and removes dot
    /// segments, so a key could not be told from another.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="prefix">How many segments stand before the bucket, such as 4 in <c>storage/v1/object/public</c>.</param>
    public static (string Bucket, string Key) Of(HttpContext context, int prefix)
    {
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        var path = target.StartsWith('/') ? target : Uri.TryCreate(target, UriKind.Absolute, out var absolute) ? absolute.AbsolutePath : "";
        var query = path.IndexOf('?', StringComparison.Ordinal);
        var segments = (query < 0 ? path : path[..query]).Split('/').Skip(1);
        var named = segments.Skip(prefix + context.Request.PathBase.Value!.Count(letter => letter == '/')).ToList();
        return (Uri.UnescapeDataString(named.FirstOrDefault() ?? ""), Uri.UnescapeDataString(string.Join('/', named.Skip(1))));
    }

    [GeneratedRegex(@"^[A-Za-z0-9_!.*'() &$=@;:+,?-]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex BucketPattern();

    [GeneratedRegex(@"^[A-Za-z0-9_/!.*'() &$=@;:+,?-]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex KeyPattern();
}
