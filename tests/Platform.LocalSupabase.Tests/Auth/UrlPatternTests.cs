using Platform.LocalSupabase.Auth.OAuth;

namespace Platform.LocalSupabase.Tests.Auth;

public sealed class UrlPatternTests
{
    [TestCase("http://localhost:3000/*", "http://localhost:3000/foo", true)]
    [TestCase("http://localhost:3000/*", "http://localhost:3000/foo/bar", false)]
    [TestCase("http://localhost:3000/*", "http://localhost:3000/", true)]
    [TestCase("http://localhost:3000/**", "http://localhost:3000/foo/bar.html", true)]
    [TestCase("http://localhost:3000/?", "http://localhost:3000/f", true)]
    [TestCase("http://localhost:3000/?", "http://localhost:3000/", false)]
    [TestCase("http://localhost:3000/[!a-z]", "http://localhost:3000/1", true)]
    [TestCase("http://localhost:3000/[!a-z]", "http://localhost:3000/a", false)]
    [TestCase("https://*.example.com", "https://app.example.com", true)]
    [TestCase("https://*.example.com", "https://a.b.example.com", false)]
    [TestCase("https://*.example.com", "https://evil.com/.example.com", false)]
    [TestCase("https://*.example.com", "https://app.example.com.evil.com", false)]
    [TestCase("https://{app,admin}.example.com/", "https://admin.example.com/", true)]
    [TestCase("https://{app,admin}.example.com/", "https://other.example.com/", false)]
    [TestCase(@"https://example.com/\*", "https://example.com/*", true)]
    [TestCase(@"https://example.com/\*", "https://example.com/x", false)]
    [TestCase("https://example.com", "https://exampleXcom", false)]
    public void Matches_as_documented(string pattern, string url, bool matches) =>
        Assert.That(new UrlPattern(pattern).IsMatch(url), Is.EqualTo(matches));
}
