using System.Text.Json.Nodes;
using Platform.LocalSupabase.Auth.Options;
using Platform.LocalSupabase.Mail;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Mail;

public sealed class LetterTests
{
    [Test]
    public void Every_kind_has_a_subject_and_the_code([Values] MailKindName kind)
    {
        var letter = Write((MailKind)kind, new MailTemplatesOptions());

        using (Assert.EnterMultipleScope())
        {
            Assert.That(letter.Subject, Is.Not.Empty);
            Assert.That(letter.Text, Does.Contain("code: 123456"));
            Assert.That(
                letter.Text.Contains("https://api.example/verify?a=1&b=2", StringComparison.Ordinal),
                Is.EqualTo(kind != MailKindName.Reauthentication));
            Assert.That(letter.Html, Does.Not.Contain("a=1&b=2"));
        }
    }

    [Test]
    public void Every_kind_can_be_replaced([Values] MailKindName kind)
    {
        static MailTemplateOptions Named(MailKindName name) =>
            new() { Subject = $"{name} {{{{ .Email }}}}", Body = "{{.Token}}|{{ .NewEmail }}|{{ .Data }}" };

        var letter = Write((MailKind)kind, new MailTemplatesOptions
        {
            Confirmation = Named(MailKindName.Confirmation),
            Recovery = Named(MailKindName.Recovery),
            MagicLink = Named(MailKindName.MagicLink),
            EmailChange = Named(MailKindName.EmailChange),
            Invite = Named(MailKindName.Invite),
            Reauthentication = Named(MailKindName.Reauthentication),
        });

        using (Assert.EnterMultipleScope())
        {
            Assert.That(letter.Subject, Is.EqualTo($"{kind} ada@example.com"));
            Assert.That(letter.Html, Is.EqualTo("123456|new@example.com|{&quot;name&quot;:&quot;Ada&quot;}"));
            Assert.That(letter.Text, Is.EqualTo("""123456|new@example.com|{"name":"Ada"}"""));
        }
    }

    [TestCase("<p>One</p><p>Two<br>Three</p>", "One\nTwo\nThree")]
    [TestCase("<p>See <a class=\"x\" href='https://a.example/?b=1&amp;c=2'>this</a></p>", "See this https://a.example/?b=1&c=2")]
    [TestCase("a &lt;b&gt; <i>c</i>", "a <b> c")]
    public void Html_becomes_text(string html, string text) => Assert.That(TemplateText.ToText(html), Is.EqualTo(text));

    /// <summary>The kinds, for the cases of the tests: those are public and <see cref="MailKind"/> is not.</summary>
    public enum MailKindName
    {
        Confirmation = MailKind.Confirmation,
        Recovery = MailKind.Recovery,
        MagicLink = MailKind.MagicLink,
        EmailChange = MailKind.EmailChange,
        Invite = MailKind.Invite,
        Reauthentication = MailKind.Reauthentication,
    }

    private static Letter Write(MailKind kind, MailTemplatesOptions templates)
    {
        var options = OptionsOf.Auth(new AuthOptions { Templates = templates });
        return new LetterWriter(options, TimeProvider.System).Write(kind, "ada@example.com", new JsonObject
        {
            ["ConfirmationURL"] = "https://api.example/verify?a=1&b=2",
            ["Token"] = "123456",
            ["Email"] = "ada@example.com",
            ["NewEmail"] = "new@example.com",
            ["SiteURL"] = "https://site.example",
            ["Data"] = new JsonObject { ["name"] = "Ada" },
        });
    }
}
