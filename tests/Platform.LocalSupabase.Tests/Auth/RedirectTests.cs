using Platform.LocalSupabase.Auth.OneTime;
using Platform.LocalSupabase.Auth.Options;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Auth;

public sealed class RedirectTests
{
    private const string Site = "https://app.example.com";

    [TestCase("https://app.example.com/any/where?a=1#b", true)]
    [TestCase("http://app.example.com/", false)]
    [TestCase("https://app.example.com:444/", false)]
    [TestCase("https://app.example.com.evil.example/", false)]
    [TestCase("https://app.example.com@evil.example/", false)]
    [TestCase("https://app.example.com\\@evil.example/", false)]
    [TestCase("http://127.0.0.1:3000/", true)]
    [TestCase("http://[::1]:3000/", true)]
    [TestCase("http://localhost:3000/", false)]
    [TestCase("http://2130706433/", false)]
    [TestCase("http://0x7f000001/", false)]
    [TestCase("https://preview-1.example.net/", true)]
    [TestCase("https://preview-1.example.net", false)]
    [TestCase("https://a.preview.example.net/", false)]
    [TestCase("https://deep.example.org/a/b.c/d?e=f", true)]
    [TestCase("https://one.example.org/x", true)]
    [TestCase("https://one.example.org/xy", false)]
    [TestCase("https://one.example.org/2", true)]
    [TestCase("https://one.example.org/z", false)]
    [TestCase("com.example.app://callback", true)]
    [TestCase("com.example.other://callback", false)]
    [TestCase("javascript:alert(1)", false)]
    [TestCase("/relative", false)]
    [TestCase("", false)]
    public void Lead_to_the_site_this_machine_and_what_is_allowed(string url, bool allowed)
    {
        var targets = new RedirectTargets(OptionsOf.Auth(new AuthOptions
        {
            SiteUrl = Site,
            RedirectUrls =
                "https://*.example.net/, https://deep.example.org/**, https://one.example.org/[x0-9], com.example.app://callback",
        }));

        Assert.That(targets.Choose(url), Is.EqualTo(allowed ? url : Site));
    }
}
