using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Platform.LocalSupabase.Auth.Options;

namespace Platform.LocalSupabase.Tests.Auth;

public sealed class AuthOptionsTests
{
    [Test]
    public void Are_read_with_all_their_parts()
    {
        var options = Read(
            ("AutoConfirm", "false"), ("TestOtps:4915112345678", "123456"), ("Smtp:Host", "mail.example"), ("Smtp:Sender", "a@example.com"),
            ("Templates:MagicLink:Subject", "Come in"), ("RateLimits:Burst", "7"), ("Captcha:Secret", "s"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(options.AutoConfirm, Is.False);
            Assert.That(options.TestOtps["4915112345678"], Is.EqualTo("123456"));
            Assert.That(options.Smtp.Host, Is.EqualTo("mail.example"));
            Assert.That(options.Templates.MagicLink.Subject, Is.EqualTo("Come in"));
            Assert.That(options.RateLimits.Burst, Is.EqualTo(7));
            Assert.That(options.Captcha.Secret, Is.EqualTo("s"));
        }
    }

    [TestCase(true, 60, 30)]
    [TestCase(false, 1, int.MaxValue)]
    public void Spare_the_mailboxes_of_others_more_than_the_own(bool smtp, int interval, int mails)
    {
        var options = smtp ? Read(("Smtp:Host", "mail.example"), ("Smtp:Sender", "a@example.com")) : Read();

        Assert.That((options.MailInterval, options.MailsPerHour), Is.EqualTo((TimeSpan.FromSeconds(interval), mails)));
    }

    [TestCase("OtpLength", "3")]
    [TestCase("OtpExpirySeconds", "0")]
    [TestCase("MinPasswordLength", "2")]
    [TestCase("PasswordRequirements", "emoji")]
    [TestCase("SiteUrl", "example.com")]
    [TestCase("SiteUrl", "ftp://example.com")]
    [TestCase("TestOtps:+49", "123456")]
    [TestCase("TestOtps:49", "12345a")]
    [TestCase("Smtp:Host", "mail.example")]
    [TestCase("Smtp:Port", "0")]
    [TestCase("RateLimits:Burst", "0")]
    public void Refuse_what_makes_no_sense(string name, string value) =>
        Assert.That(() => Read((name, value)), Throws.TypeOf<OptionsValidationException>());

    private static AuthOptions Read(params (string Name, string Value)[] settings) => AuthOptions.Read(
        new ConfigurationBuilder().AddInMemoryCollection(
            settings.Select(setting => KeyValuePair.Create($"Auth:{setting.Name}", (string?)setting.Value))).Build());
}
