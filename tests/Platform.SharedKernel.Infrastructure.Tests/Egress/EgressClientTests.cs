using Microsoft.Extensions.DependencyInjection;
using Platform.SharedKernel.Infrastructure.Egress;
using Platform.Testing;

namespace Platform.SharedKernel.Infrastructure.Tests.Egress;

public sealed class EgressClientTests
{
    [Test]
    public async Task Sends_no_header_of_the_request_to_another_origin()
    {
        await using var stranger = await FakeServer.StartAsync(200);
        await using var friend = await FakeServer.StartRedirectAsync($"{stranger.Url}/there");
        await using var services = Services();

        using var response = await SendAsync(services, $"{friend.Url}/here");

        Assert.That((int)response.StatusCode, Is.EqualTo(200));
        Assert.That(friend.Requests.Single().IdempotencyKey, Is.EqualTo("secret"));
        Assert.That(stranger.Requests.Single().IdempotencyKey, Is.Null);
    }

    [TestCase("http://169.254.169.254/latest")]
    [TestCase("http://[fe80::1]/")]
    [TestCase("http://0.0.0.0/")]
    public async Task Checks_a_redirect_as_it_checks_the_request(string target)
    {
        await using var friend = await FakeServer.StartRedirectAsync(target);
        await using var services = Services();

        Assert.That(async () => await SendAsync(services, friend.Url), Throws.InstanceOf<EgressDeniedException>());
    }

    [Test]
    public async Task Follows_no_redirect_to_our_own_port()
    {
        await using var own = await FakeServer.StartAsync(200);
        await using var friend = await FakeServer.StartRedirectAsync(own.Url);
        await using var services = Services();
        services.GetRequiredService<OwnPorts>().Add(new Uri(own.Url).Port);

        Assert.That(async () => await SendAsync(services, friend.Url), Throws.InstanceOf<EgressDeniedException>());
        Assert.That(own.Requests, Is.Empty);
    }

    [TestCase("file:///etc/passwd")]
    [TestCase("ftp://127.0.0.1/")]
    [TestCase("http://name:word@127.0.0.1/")]
    public async Task Refuses_other_schemes_and_passwords_in_the_address(string url)
    {
        await using var services = Services();

        Assert.That(async () => await SendAsync(services, url), Throws.InstanceOf<EgressDeniedException>());
    }

    private static ServiceProvider Services()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddOptions<EgressOptions>();
        EgressClient.Register(services);
        return services.BuildServiceProvider();
    }

    private static async Task<HttpResponseMessage> SendAsync(ServiceProvider services, string url)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Add("Idempotency-Key", "secret");
        return await services.GetRequiredService<EgressClient>().SendAsync(request, CancellationToken.None);
    }
}
