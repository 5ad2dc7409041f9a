using System.Diagnostics;
using System.Net;
using Microsoft.Playwright;
using Platform.LocalSupabase.Tests.Fixture;
using Platform.Testing;

namespace Platform.Host.Tests.Playground;

/// <summary>The page for development, in Chromium, against a Host that was asked for it.</summary>
public sealed class PlaygroundTests : PlatformTest
{
    private PlatformApplication _application = null!;
    private IPlaywright _playwright = null!;
    private IBrowser _chromium = null!;

    [OneTimeSetUp]
    public async Task StartPlaygroundAsync()
    {
        _application = await PlatformApplication.StartAsync(new Dictionary<string, string?> { ["Platform:Playground"] = "true" });
        await _application.ScalarAsync<object>("insert into storage.buckets (id, name) values ('files', 'files') returning id");
        await _application.ScalarAsync<object>(
            """
            create policy playground on storage.objects for all to authenticated
            using ((storage.foldername(name))[1] = (select auth.uid())::text) with check ((storage.foldername(name))[1] = (select auth.uid())::text)
            """);
        _playwright = await Playwright.CreateAsync();
        _chromium = await Chromium.LaunchAsync(_playwright);
    }

    [OneTimeTearDown]
    public async Task StopPlaygroundAsync()
    {
        await _chromium.DisposeAsync();
        _playwright.Dispose();
        await _application.DisposeAsync();
    }

    [Test]
    public async Task Signs_in_uploads_shows_a_change_and_calls_a_function()
    {
        var page = await _chromium.NewPageAsync();
        var complaints = new List<string>();
        page.Console += (_, message) => complaints.Add($"{message.Type}: {message.Text}");
        page.PageError += (_, error) => complaints.Add(error);
        await page.GotoAsync($"{_application.Url}/playground");

        await page.FillAsync("#account [name=email]", "player@example.com");
        await page.FillAsync("#account [name=password]", "a long enough password");
        await page.ClickAsync("#account [value=sign-up]");
        await ExpectAsync(page.Locator("#account output"), "signed in as player@example.com");
        await page.SetInputFilesAsync(
            "#file [name=file]", new FilePayload { Name = "hello.txt", MimeType = "text/plain", Buffer = "hello"u8.ToArray() });
        await page.ClickAsync("#file button");
        await ExpectAsync(page.Locator("#file output"), "/hello.txt");
        await page.ClickAsync("#changes [value=subscribe]");
        await ExpectAsync(page.Locator("#changes output"), "Subscribed to PostgreSQL");
        Assert.That(complaints, Is.Empty, "The page keeps to its own policy.");
        await page.ClickAsync("#changes [value=create]");
        await ExpectAsync(page.Locator("#frames li").First, "\"eventType\":\"INSERT\"");
        await page.ClickAsync("#function button");
        await ExpectAsync(page.Locator("#function output"), "failed: ");

        var stored = await _application.ScalarAsync<long>("select count(*) from storage.objects where name like '%/hello.txt'");
        var called = await page.Locator("#function output").TextContentAsync();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(stored, Is.EqualTo(1));
            // The function's own words on a body without a conversation.
            Assert.That(called, Does.Contain(" 422 ").Or.Contain(" 400 "));
        }
    }

    [Test]
    public async Task Loads_nothing_from_elsewhere()
    {
        using var client = _application.CreateClient();
        using var response = await client.GetAsync(new Uri("/playground", UriKind.Relative));

        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        var port = new Uri(_application.Url).Authority;
        Assert.That(policy, Does.StartWith("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' "));
        Assert.That(policy, Does.Not.Contain("unsafe").And.Contain($"ws://{port}").And.Contain("frame-ancestors 'none'"));
        Assert.That(await response.Content.ReadAsStringAsync(), Does.Not.Contain("://"));
    }

    [TestCase("supabase.js", "dist/umd/supabase.js")]
    [TestCase("supabase.LICENSE", "LICENSE")]
    public async Task Serves_the_client_that_the_journeys_use(string served, string packaged)
    {
        using var client = _application.CreateClient();

        var bytes = await client.GetByteArrayAsync(new Uri($"/playground/{served}", UriKind.Relative));

        var package = RepositoryFiles.Path($"tests/clients/node_modules/@supabase/supabase-js/{packaged}");
        Assert.That(bytes, Is.EqualTo(await File.ReadAllBytesAsync(package)), $"Copy {package} to src/Host/Playground/assets.");
    }

    [Test]
    public async Task Is_not_there_unless_it_is_asked_for()
    {
        using var client = Application.CreateClient();

        using var response = await client.GetAsync(new Uri("/playground", UriKind.Relative));

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [TestCase("Platform__BehindProxy", "true")]
    [TestCase("Platform__PublicUrl", "https://platform.example.com")]
    public async Task Refuses_to_start_with_it_in_public(string setting, string value)
    {
        var directory = Directory.CreateTempSubdirectory("platform-playground-");
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Platform.Host.dll")]) { RedirectStandardError = true };
        start.Environment["Platform__DataDirectory"] = directory.FullName;
        start.Environment["Platform__Playground"] = "true";
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        start.Environment[setting] = value;
        using var host = Process.Start(start)!;

        var said = await host.StandardError.ReadToEndAsync();
        await host.WaitForExitAsync();

        directory.Delete(recursive: true);
        Assert.That(host.ExitCode, Is.EqualTo(1), said);
        Assert.That(said, Does.Contain("playground_in_public: "));
    }

    private static Task ExpectAsync(ILocator locator, string text) => Assertions.Expect(locator).ToContainTextAsync(text, new() { Timeout = 20_000 });
}
