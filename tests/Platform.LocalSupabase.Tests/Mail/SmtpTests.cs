using System.Net;
using System.Net.Http.Json;
using Platform.LocalSupabase.Auth.Options;
using Platform.LocalSupabase.Tests.Auth;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Mail;

public sealed class SmtpTests : AuthTest
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Test]
    public async Task A_mail_is_delivered_and_forgotten()
    {
        await using var mailServer = new SmtpServer();
        await using var server = await StartAsync(mailServer);
        var address = NewAddress();

        await AskAsync(server, address);

        var (recipient, message) = await TakenAsync(mailServer);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(recipient, Is.EqualTo(address));
            Assert.That(message, Does.Contain("From: Platform <noreply@platform.example>"));
            Assert.That(message, Does.Contain("Subject: Your sign-in link"));
            Assert.That(message, Does.Contain("multipart/alternative"));
            Assert.That(await IsForgottenAsync(address), Is.True);
        }
    }

    [Test]
    public async Task A_mail_that_was_refused_is_tried_again()
    {
        await using var mailServer = new SmtpServer(refusals: 1);
        await using var server = await StartAsync(mailServer);
        var address = NewAddress();
        await AskAsync(server, address);
        await UntilAsync(async () => await SharedPostgres.SqlAsync(
            "select attempts from mail.letters where recipient = @to and next_attempt_at < now() + interval '1 minute'", ("to", address)) is 1);
        Assert.That(mailServer.Taken, Is.Empty);

        server.Clock.Advance(TimeSpan.FromMinutes(1));
        await SharedPostgres.SqlAsync("notify mail_letters");

        Assert.That((await TakenAsync(mailServer)).Recipient, Is.EqualTo(address));
    }

    [Test]
    public async Task Nobody_waits_for_a_mail_server_that_is_away()
    {
        var mailServer = new SmtpServer();
        var port = mailServer.Port;
        await mailServer.DisposeAsync();
        await using var server = await LocalSupabaseServer.StartAsync(auth: new AuthOptions
        {
            Smtp = new SmtpOptions { Host = "127.0.0.1", Port = port, Sender = "noreply@platform.example" },
        });
        var address = NewAddress();

        await AskAsync(server, address);

        Assert.That(await SharedPostgres.SqlAsync("select count(*) from mail.letters where recipient = @to", ("to", address)), Is.EqualTo(1L));
    }

    [Test]
    public async Task With_a_mail_server_there_is_no_inbox()
    {
        await using var mailServer = new SmtpServer();
        await using var server = await StartAsync(mailServer);
        using var client = server.Connect();

        using var page = await client.GetAsync("/inbox");
        using var json = await client.GetAsync("/inbox.json");

        Assert.That((page.StatusCode, json.StatusCode), Is.EqualTo((HttpStatusCode.NotFound, HttpStatusCode.NotFound)));
    }

    private static Task<LocalSupabaseServer> StartAsync(SmtpServer mailServer) => LocalSupabaseServer.StartAsync(auth: new AuthOptions
    {
        Smtp = new SmtpOptions { Host = "127.0.0.1", Port = mailServer.Port, Sender = "noreply@platform.example", SenderName = "Platform" },
    });

    private static async Task AskAsync(LocalSupabaseServer server, string address)
    {
        using var client = server.Connect();
        using var response = await client.PostAsJsonAsync("/auth/v1/otp", new { email = address });
        await ExpectAsync(response, HttpStatusCode.OK);
    }

    private static async Task<(string Recipient, string Message)> TakenAsync(SmtpServer mailServer)
    {
        await UntilAsync(() => Task.FromResult(!mailServer.Taken.IsEmpty));
        return mailServer.Taken.Single();
    }

    private static async Task<bool> IsForgottenAsync(string address)
    {
        await UntilAsync(async () =>
            await SharedPostgres.SqlAsync("select count(*) from mail.letters where recipient = @to", ("to", address)) is 0L);
        return true;
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!await condition())
        {
            await Task.Delay(50, limit.Token);
        }
    }
}
