using System.Net;
using System.Security.Claims;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Platform.LocalSupabase.Auth.OAuth;

namespace Platform.LocalSupabase.Tests.Auth;

public sealed class GitHubAddressesTests
{
    private const string Listed =
        """
        [{"email":"old@example.com","primary":false,"verified":true},{"email":"Ada@Example.com","primary":true,"verified":$verified}]
        """;

    [TestCase("true", true)]
    [TestCase("false", false)]
    public async Task Takes_the_primary_address_and_whether_it_is_verified(string verified, bool expected)
    {
        var profile = await CompleteAsync("github", HttpStatusCode.OK, Listed.Replace("$verified", verified, StringComparison.Ordinal));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(profile.Email, Is.EqualTo("ada@example.com"));
            Assert.That(profile.EmailVerified, Is.EqualTo(expected));
            Assert.That(profile.Claims["email_verified"]!.GetValue<bool>(), Is.EqualTo(expected));
        }
    }

    [TestCase(HttpStatusCode.Forbidden, "{}")]
    [TestCase(HttpStatusCode.OK, "[]")]
    public async Task Believes_no_address_that_GitHub_does_not_list(HttpStatusCode status, string body)
    {
        var profile = await CompleteAsync("github", status, body);

        Assert.That(profile.Email, Is.Null);
        Assert.That(profile.EmailVerified, Is.False);
    }

    [Test]
    public async Task Asks_GitHub_about_nobody_elses_users()
    {
        var profile = await CompleteAsync("gitlab", HttpStatusCode.OK, Listed.Replace("$verified", "true", StringComparison.Ordinal));

        Assert.That(profile.Email, Is.EqualTo("public@example.com"));
        Assert.That(profile.EmailVerified, Is.False);
    }

    private static async Task<ExternalProfile> CompleteAsync(string provider, HttpStatusCode status, string body)
    {
        var identity = new ClaimsIdentity([new Claim("id", "7"), new Claim("email", "public@example.com")]);
        using var gitHub = new FakeGitHub(status, body);
        await using var services = new ServiceCollection()
            .ConfigureHttpClientDefaults(client => client.ConfigurePrimaryHttpMessageHandler(() => gitHub))
            .AddSingleton<GitHubAddresses>().BuildServiceProvider();
        return await services.GetRequiredService<GitHubAddresses>()
            .CompleteAsync(ExternalProfile.Of(provider, identity)!, "token", CancellationToken.None);
    }

    private sealed class FakeGitHub(HttpStatusCode status, string body) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(
                request.RequestUri!.AbsoluteUri == "https://api.github.com/user/emails" && request.Headers.Authorization?.ToString() == "Bearer token"
                    ? new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") }
                    : new HttpResponseMessage(HttpStatusCode.NotFound));
    }
}
