using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Platform.SharedKernel.Infrastructure.Egress;

namespace Platform.SharedKernel.Infrastructure.Tests.Egress;

public sealed class EgressGuardTests
{
    [TestCase("169.254.169.254")]
    [TestCase("[::ffff:169.254.169.254]")]
    [TestCase("0.0.0.0")]
    [TestCase("[fe80::1]")]
    public void Refuses_what_is_never_reachable_even_where_it_is_allowed(string host)
    {
        var guard = Guard("0.0.0.0/0, ::/0, loopback");

        Assert.That(async () => await guard.ResolveAsync(host, 80, CancellationToken.None), Throws.InstanceOf<EgressDeniedException>());
    }

    [TestCase("10.0.0.1")]
    [TestCase("127.0.0.1")]
    [TestCase("localhost")]
    [TestCase("2130706433")]
    [TestCase("0177.0.0.1")]
    public void Refuses_private_and_loopback_addresses_where_nothing_is_allowed(string host)
    {
        var guard = Guard("none");

        Assert.That(async () => await guard.ResolveAsync(host, 80, CancellationToken.None), Throws.InstanceOf<EgressDeniedException>());
    }

    [Test]
    public async Task Lets_a_listed_network_pass_and_no_other()
    {
        var guard = Guard("10.1.0.0/16");

        Assert.That(await guard.ResolveAsync("10.1.2.3", 80, CancellationToken.None), Is.EqualTo(new[] { IPAddress.Parse("10.1.2.3") }));
        Assert.That(async () => await guard.ResolveAsync("10.2.0.1", 80, CancellationToken.None), Throws.InstanceOf<EgressDeniedException>());
    }

    [Test]
    public async Task Reaches_loopback_by_default_while_the_host_listens_there_alone()
    {
        var ports = new OwnPorts { LoopbackOnly = true };
        var guard = Guard(null, ports);

        Assert.That(await guard.ResolveAsync("127.0.0.1", 80, CancellationToken.None), Is.Not.Empty);

        ports.LoopbackOnly = false;
        Assert.That(async () => await guard.ResolveAsync("127.0.0.1", 80, CancellationToken.None), Throws.InstanceOf<EgressDeniedException>());
    }

    [TestCase("127.0.0.1")]
    [TestCase("[::1]")]
    [TestCase("[::ffff:127.0.0.1]")]
    [TestCase("localhost")]
    public void Refuses_our_own_ports(string host)
    {
        var ports = new OwnPorts();
        ports.Add(5080);
        var guard = Guard("loopback", ports);

        Assert.That(async () => await guard.ResolveAsync(host, 5080, CancellationToken.None), Throws.InstanceOf<EgressDeniedException>());
    }

    private static EgressGuard Guard(string? allowed, OwnPorts? ports = null) =>
        new(Options.Create(new EgressOptions { AllowedAddresses = allowed }), ports ?? new OwnPorts(), NullLogger<EgressGuard>.Instance);
}
