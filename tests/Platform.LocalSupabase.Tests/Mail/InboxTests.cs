using System.Net;
using System.Net.Http.Json;
using Platform.LocalSupabase.Auth.Options;
using Platform.LocalSupabase.Tests.Auth;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Mail;

public sealed class InboxTests : MailTest
{
    internal override Task<LocalSupabaseServer> StartAsync() => LocalSupabaseServer.StartAsync(auth: new AuthOptions
    {
        AutoConfirm = false,
        Templates = new MailTemplatesOptions
        {
            Confirmation = new MailTemplateOptions
            {
                Subject = "Hello {{ .Data.nickname }}",
                Body = "<p>{{ .Data.nickname }} {{.Data.none}}at {{ .SiteURL }}</p>"
                    + "<p><a href=\"{{ .ConfirmationURL }}\">Go</a> {{ .TokenHash }} code: {{ .Token }}</p>",
            },
            MagicLink = new MailTemplateOptions { Text = "Only {{ .Email }} and code: {{ .Token }}" },
        },
    });

    [Test]
    public async Task A_page_shows_the_mails_with_links_to_follow()
    {
        var address = NewAddress();
        await SignUpAsync(address);
        var mail = await LetterAsync(address);
        using var client = Server.Connect();

        using var response = await client.GetAsync($"/inbox?to={address}");

        var page = await response.Content.ReadAsStringAsync();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(response.Content.Headers.ContentType!.MediaType, Is.EqualTo("text/html"));
            Assert.That(page, Does.Contain(address));
            Assert.That(page, Does.Contain($"<a href=\"{WebUtility.HtmlEncode(mail.Link)}\""));
            Assert.That(response.Headers.GetValues("Content-Security-Policy").Single(), Does.StartWith("default-src 'none'"));
        }
    }

    [Test]
    public async Task What_somebody_wrote_stays_text()
    {
        const string attack = "<script>alert(1)</script>\r\nBcc: everybody@example.com";
        var address = NewAddress();
        await SignUpAsync(address, new { nickname = attack });
        var letter = (await LettersAsync(address)).Single();
        using var client = Server.Connect();

        var page = await client.GetStringAsync($"/inbox?to={address}");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(page, Does.Not.Contain("<script"));
            Assert.That(letter.GetProperty("html").GetString(), Does.Not.Contain("<script").And.Contains("&lt;script&gt;"));
            Assert.That(letter.GetProperty("subject").GetString(), Does.StartWith("Hello <script>").And.Not.Contains("\n"));
        }
    }

    [Test]
    public async Task Templates_are_filled_and_unknown_names_are_empty()
    {
        var address = NewAddress();
        await SignUpAsync(address, new { nickname = "Ada" });

        var letter = (await LettersAsync(address)).Single();

        var mail = await LetterAsync(address);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(mail.Subject, Is.EqualTo("Hello Ada"));
            Assert.That(letter.GetProperty("text").GetString(), Does.StartWith($"Ada at {Server.Url}"));
            Assert.That(letter.GetProperty("html").GetString(), Does.Contain($"> {HashIn(mail)}").Or.Contains($"</a> {HashIn(mail)} code"));
            Assert.That(letter.GetProperty("from").GetString(), Is.EqualTo("noreply@localhost"));
        }
    }

    [Test]
    public async Task A_text_of_its_own_is_taken_as_it_is()
    {
        var address = NewAddress();
        await SignUpConfirmedAsync(address);
        await ExpectOkAsync("otp", new { email = address });

        var letter = (await LettersAsync(address))[0];

        Assert.That(letter.GetProperty("text").GetString(), Does.StartWith($"Only {address} and code: "));
    }

    [TestCase("X-Forwarded-For", "192.0.2.1")]
    [TestCase("Forwarded", "for=192.0.2.1")]
    [TestCase("Host", "rebound.example")]
    public async Task Nobody_else_sees_it(string header, string value)
    {
        using var client = Server.Connect();
        client.DefaultRequestHeaders.Add(header, value);

        using var page = await client.GetAsync("/inbox");
        using var json = await client.GetAsync("/inbox.json");

        Assert.That((page.StatusCode, json.StatusCode), Is.EqualTo((HttpStatusCode.NotFound, HttpStatusCode.NotFound)));
    }

    [Test]
    public async Task It_keeps_the_newest_alone()
    {
        await SharedPostgres.SqlAsync(
            """
            insert into mail.letters (id, kind, sender, recipient, subject, text_body, html_body, created_at)
            select gen_random_uuid(), 'Recovery', '', 'old@example.com', '', '', '', now() - interval '1 day' - n * interval '1 second'
            from generate_series(1, 1100) n
            """);
        var address = NewAddress();

        await SignUpAsync(address);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await SharedPostgres.SqlAsync("select count(*) from mail.letters where next_attempt_at is null"), Is.EqualTo(1000L));
            Assert.That(await LettersAsync(address), Has.Length.EqualTo(1));
        }
    }

    [Test]
    public async Task It_outlives_a_restart()
    {
        var address = NewAddress();
        await SignUpAsync(address);
        await using var next = await LocalSupabaseServer.StartAsync();
        using var client = next.Connect();

        var letters = await client.GetFromJsonAsync<object[]>($"/inbox.json?to={address}");

        Assert.That(letters, Has.Length.EqualTo(1));
    }
}
