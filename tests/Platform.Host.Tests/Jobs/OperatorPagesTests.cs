using System.Net;
using System.Net.Http.Json;
using Platform.Testing;

namespace Platform.Host.Tests.Jobs;

public sealed class OperatorPagesTests : PlatformTest
{
    private static readonly Uri Dashboard = new("/hangfire", UriKind.Relative);

    [Test]
    public async Task Shows_the_dashboard_to_staff()
    {
        var support = await SignInAsync("support");

        using var response = await support.Client.GetAsync(Dashboard);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await response.Content.ReadAsStringAsync(), Does.Contain("Platform jobs"));
    }

    [Test]
    public async Task Refuses_it_to_others()
    {
        var person = await SignInAsync();

        using var signedIn = await person.Client.GetAsync(Dashboard);
        using var visitor = await Visitor().GetAsync(Dashboard);

        await ExpectProblemAsync(signedIn, 403, "forbidden");
        await ExpectProblemAsync(visitor, 401, "unauthorized");
    }

    [Test]
    public async Task Sends_a_browser_to_the_page_for_signing_in()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Dashboard);
        request.Headers.Accept.ParseAdd("text/html");

        using var response = await Visitor().SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Redirect));
        Assert.That(response.Headers.Location?.ToString(), Is.EqualTo("/hangfire-sign-in"));
    }

    [Test]
    public async Task Keeps_the_token_of_a_browser_for_the_dashboard_alone()
    {
        var visitor = Visitor();
        using var signUp = new HttpRequestMessage(HttpMethod.Post, "/auth/v1/signup")
        {
            Content = JsonContent.Create(new { email = "ops@example.com", password = "a long enough password" }),
        };
        signUp.Headers.Add("apikey", HostProcess.ReadConnection(Application.DataDirectory).GetProperty("anon_key").GetString());
        (await visitor.SendAsync(signUp)).Dispose();
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["email"] = "ops@example.com", ["password"] = "a long enough password" });

        using var response = await visitor.PostAsync(new Uri("/hangfire-sign-in", UriKind.Relative), form);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Redirect));
        var cookie = response.Headers.GetValues("Set-Cookie").Single();
        Assert.That(cookie, Does.Contain("path=/hangfire").And.Contain("httponly").And.Contain("samesite=strict"));
    }
}
