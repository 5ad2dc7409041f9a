using System.Net;
using System.Net.Http.Json;
using Platform.LocalSupabase.Auth.Options;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Auth;

public sealed class LimitTests : MailTest
{
    [Test]
    public async Task An_address_may_call_so_often_and_no_more()
    {
        await using var server = await StartAsync(new() { Loopback = true, Burst = 3, RequestsPerFiveMinutes = 3 });
        var answers = new List<HttpStatusCode>();
        for (var call = 0; call < 4; call++)
        {
            using var response = await PostAsync(server, "recover", new { email = NewAddress() });
            answers.Add(response.StatusCode);
        }

        using var over = await PostAsync(server, "recover", new { email = NewAddress() });
        using var elsewhere = await PostAsync(server, "otp", new { email = NewAddress() });
        server.Clock.Advance(TimeSpan.FromMinutes(5) / 3);
        using var later = await PostAsync(server, "recover", new { email = NewAddress() });

        Assert.That(answers.Count(status => status == HttpStatusCode.OK), Is.EqualTo(3));
        await ExpectErrorAsync(over, 429, "over_request_rate_limit", "Request rate limit reached");
        await ExpectAsync(elsewhere, HttpStatusCode.OK);
        await ExpectAsync(later, HttpStatusCode.OK);
    }

    [TestCase("token?grant_type=password")]
    [TestCase("verify")]
    [TestCase("signup")]
    [TestCase("otp")]
    [TestCase("magiclink")]
    [TestCase("resend")]
    [TestCase("factors/00000000-0000-0000-0000-000000000001/challenge")]
    [TestCase("factors/00000000-0000-0000-0000-000000000001/verify")]
    public async Task Every_route_that_could_be_misused_is_limited(string path)
    {
        await using var server = await StartAsync(new()
        {
            Loopback = true,
            Burst = 1,
            RequestsPerFiveMinutes = 1,
            TokensPerFiveMinutes = 1,
            VerificationsPerFiveMinutes = 1,
        });
        using var first = await PostAsync(server, path, new { });

        using var second = await PostAsync(server, path, new { });

        Assert.That(first.StatusCode, Is.Not.EqualTo(HttpStatusCode.TooManyRequests));
        await ExpectErrorAsync(second, 429, "over_request_rate_limit");
    }

    [Test]
    public async Task Behind_a_proxy_each_client_has_limits_of_its_own()
    {
        await using var server = await StartAsync(new() { AddressHeader = "X-Forwarded-For", Burst = 1, RequestsPerFiveMinutes = 1 });

        using var first = await RecoverAsync(server, "198.51.100.1");
        using var disguised = await RecoverAsync(server, "203.0.113.9, 198.51.100.1");
        using var other = await RecoverAsync(server, "198.51.100.2");
        using var sameNetwork = await RecoverAsync(server, "2001:db8::1");
        using var neighbour = await RecoverAsync(server, "2001:db8::2");

        await ExpectAsync(first, HttpStatusCode.OK);
        await ExpectErrorAsync(disguised, 429, "over_request_rate_limit");
        await ExpectAsync(other, HttpStatusCode.OK);
        await ExpectAsync(sameNetwork, HttpStatusCode.OK);
        await ExpectErrorAsync(neighbour, 429, "over_request_rate_limit");
    }

    [Test]
    public async Task Programs_on_this_machine_are_not_limited_unless_asked_for()
    {
        await using var server = await StartAsync(new() { Burst = 1, RequestsPerFiveMinutes = 1 });
        for (var call = 0; call < 5; call++)
        {
            using var response = await PostAsync(server, "recover", new { email = NewAddress() });
            await ExpectAsync(response, HttpStatusCode.OK);
        }
    }

    [Test]
    public async Task Anonymous_sign_ups_have_a_limit_of_their_own()
    {
        await using var server = await StartAsync(new() { Loopback = true, AnonymousPerHour = 1 });
        using var first = await PostAsync(server, "signup", new { });
        using var second = await PostAsync(server, "signup", new { });

        await ExpectAsync(first, HttpStatusCode.OK);
        await ExpectErrorAsync(second, 429, "over_request_rate_limit");
    }

    [Test]
    public async Task Mails_of_an_hour_are_counted_for_everybody_and_also_for_nobody()
    {
        await using var server = await StartAsync(new() { MailsPerHour = 2 });
        using var first = await PostAsync(server, "otp", new { email = NewAddress() });
        using var second = await PostAsync(server, "otp", new { email = NewAddress() });

        using var known = await PostAsync(server, "otp", new { email = NewAddress() });
        using var unknown = await PostAsync(server, "recover", new { email = NewAddress() });
        server.Clock.Advance(TimeSpan.FromMinutes(30));
        using var later = await PostAsync(server, "otp", new { email = NewAddress() });

        await ExpectAsync(second, HttpStatusCode.OK);
        await ExpectErrorAsync(known, 429, "over_email_send_rate_limit", "email rate limit exceeded");
        await ExpectErrorAsync(unknown, 429, "over_email_send_rate_limit", "email rate limit exceeded");
        await ExpectAsync(later, HttpStatusCode.OK);
    }

    [Test]
    public async Task Wrong_passwords_count_for_one_account_and_right_ones_do_not()
    {
        await using var server = await StartAsync(new() { Loopback = true, WrongGuessesPerFiveMinutes = 3 });
        var (victim, other) = (Email(await SignUpAsync()), Email(await SignUpAsync()));
        for (var call = 0; call < 5; call++)
        {
            using var right = await PostAsync(server, "token?grant_type=password", new { email = victim, password = Password });
            await ExpectAsync(right, HttpStatusCode.OK);
        }

        for (var call = 0; call < 3; call++)
        {
            using var wrong = await PostAsync(server, "token?grant_type=password", new { email = victim, password = "wrong horse" });
            await ExpectErrorAsync(wrong, 400, "invalid_credentials");
        }

        using var over = await PostAsync(server, "token?grant_type=password", new { email = victim, password = Password });
        using var somebodyElse = await PostAsync(server, "token?grant_type=password", new { email = other, password = Password });
        using var fromElsewhere = await SignInAsync(victim);

        await ExpectErrorAsync(over, 429, "over_request_rate_limit");
        await ExpectAsync(somebodyElse, HttpStatusCode.OK);
        await ExpectAsync(fromElsewhere, HttpStatusCode.OK);
    }

    [Test]
    public async Task A_code_that_was_guessed_at_is_void_but_its_link_and_the_next_code_are_not()
    {
        await using var server = await StartAsync(new() { WrongGuessesPerCode = 3 });
        var (first, second) = (NewAddress(), NewAddress());
        foreach (var address in new[] { first, second })
        {
            using var sent = await PostAsync(server, "otp", new { email = address });
            for (var guess = 0; guess < 3; guess++)
            {
                using var wrong = await PostAsync(server, "verify", new { type = "email", email = address, token = "wrong" });
                await ExpectErrorAsync(wrong, 403, "otp_expired");
            }

            using var right = await PostAsync(server, "verify", new { type = "email", email = address, token = (await LetterAsync(address)).Token });
            await ExpectErrorAsync(right, 403, "otp_expired");
        }

        using var link = await PostAsync(server, "verify", new { type = "email", token_hash = HashIn(await LetterAsync(first)) });
        server.Clock.Advance(Pause);
        using var again = await PostAsync(server, "otp", new { email = second });
        using var next = await PostAsync(server, "verify", new { type = "email", email = second, token = (await LetterAsync(second)).Token });

        await ExpectAsync(link, HttpStatusCode.OK);
        await ExpectAsync(next, HttpStatusCode.OK);
    }

    internal override Task<LocalSupabaseServer> StartAsync() => LocalSupabaseServer.StartAsync();

    private static Task<LocalSupabaseServer> StartAsync(RateLimitOptions limits) =>
        LocalSupabaseServer.StartAsync(auth: new AuthOptions { AllowAnonymous = true, RateLimits = limits });

    private static async Task<HttpResponseMessage> RecoverAsync(LocalSupabaseServer server, string forwardedFor)
    {
        using var client = server.Connect();
        client.DefaultRequestHeaders.Add("X-Forwarded-For", forwardedFor);
        return await client.PostAsJsonAsync("/auth/v1/recover", new { email = NewAddress() });
    }
}
