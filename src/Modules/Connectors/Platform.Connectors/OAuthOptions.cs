namespace Platform.Connectors;

/// <summary>How people come back from providers at which they authorize connectors.</summary>
internal sealed class OAuthOptions
{
    public const string SectionName = "Connectors:OAuth";

    /// <summary>
    /// The address of <c>/api/v1/connectors/oauth/callback</c> as it is registered at providers; if left out, as the client's request names
    /// the Host.
    /// </summary>
    public string? CallbackUrl { get; set; }

    /// <summary>
    /// Where a browser may be sent at the end, comma-separated: an address allows itself and what lies below it. Without any, a page says
    /// how it went.
    /// </summary>
    public string ReturnUrls { get; set; } = "";

    /// <summary>Whether a browser may be sent to an address.</summary>
    public bool Allows(string returnTo) =>
        Uri.TryCreate(returnTo, UriKind.Absolute, out var target) && target.UserInfo.Length == 0 && target.Scheme is "http" or "https"
        && ReturnUrls.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Any(allowed => Uri.TryCreate(allowed, UriKind.Absolute, out var root) && Contains(root, target));

    private static bool Contains(Uri root, Uri target) =>
        Uri.Compare(root, target, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0
        && (target.AbsolutePath == root.AbsolutePath
            || target.AbsolutePath.StartsWith($"{root.AbsolutePath.TrimEnd('/')}/", StringComparison.Ordinal));
}
