using Microsoft.Playwright;

namespace Platform.LocalSupabase.Tests.Fixture;

/// <summary>The system's own Chromium, as the package of that name installs it. No Chromium is a failure, never a skip.</summary>
internal static class Chromium
{
    private const string Program = "/usr/bin/chromium";

    // Tests may run as root, where there is no sandbox, and in a container, where /dev/shm is small; and nothing is to call home.
    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    ];

    public static Task<IBrowser> LaunchAsync(IPlaywright playwright)
    {
        Assert.That(File.Exists(Program), Is.True, $"These tests need {Program}: ./dev test installs it, or apt-get install chromium.");
        return playwright.Chromium.LaunchAsync(new() { ExecutablePath = Program, Args = Arguments });
    }
}
