using System.Net;
using Platform.SharedKernel.Infrastructure.Egress;

namespace Platform.SharedKernel.Infrastructure.Tests.Egress;

public sealed class AddressKindsTests
{
    [TestCase("127.0.0.1")]
    [TestCase("127.1")]
    [TestCase("127.255.255.254")]
    [TestCase("2130706433")]
    [TestCase("0x7f000001")]
    [TestCase("0x7f.0.0.1")]
    [TestCase("0177.0.0.1")]
    [TestCase("017700000001")]
    [TestCase("::1")]
    [TestCase("0:0:0:0:0:0:0:1")]
    [TestCase("::ffff:127.0.0.1")]
    [TestCase("::ffff:7f00:1")]
    [TestCase("::127.0.0.1")]
    [TestCase("::ffff:0:127.0.0.1")]
    [TestCase("64:ff9b::7f00:1")]
    [TestCase("64:ff9b::127.0.0.1")]
    [TestCase("2002:7f00:1::")]
    [TestCase("2002:7f00:0001:ffff::1")]
    public void Knows_loopback_in_every_disguise(string address) =>
        Assert.That(AddressKinds.Of(IPAddress.Parse(address)), Is.EqualTo(AddressKind.Loopback));

    [TestCase("0.0.0.0")]
    [TestCase("0")]
    [TestCase("0.1.2.3")]
    [TestCase("169.254.169.254")]
    [TestCase("2852039166")]
    [TestCase("0xa9fea9fe")]
    [TestCase("169.254.0.1")]
    [TestCase("::ffff:169.254.169.254")]
    [TestCase("::169.254.169.254")]
    [TestCase("64:ff9b::a9fe:a9fe")]
    [TestCase("2002:a9fe:a9fe::1")]
    [TestCase("::ffff:0.0.0.0")]
    [TestCase("64:ff9b::")]
    [TestCase("224.0.0.1")]
    [TestCase("239.255.255.255")]
    [TestCase("240.0.0.1")]
    [TestCase("255.255.255.255")]
    [TestCase("::")]
    [TestCase("fe80::1")]
    [TestCase("fe80::1%1")]
    [TestCase("febf::1")]
    [TestCase("ff02::1")]
    [TestCase("ff02::1%1")]
    [TestCase("fd00:ec2::254")]
    public void Knows_what_is_never_reachable(string address) =>
        Assert.That(AddressKinds.Of(IPAddress.Parse(address)), Is.EqualTo(AddressKind.NeverReachable));

    [TestCase("10.0.0.1")]
    [TestCase("012.0.0.1")]
    [TestCase("100.64.0.1")]
    [TestCase("172.16.0.1")]
    [TestCase("172.31.255.255")]
    [TestCase("192.168.1.1")]
    [TestCase("3232235777")]
    [TestCase("192.0.0.1")]
    [TestCase("192.0.2.1")]
    [TestCase("198.18.0.1")]
    [TestCase("198.19.255.255")]
    [TestCase("198.51.100.7")]
    [TestCase("203.0.113.9")]
    [TestCase("::ffff:10.0.0.1")]
    [TestCase("::10.0.0.1")]
    [TestCase("64:ff9b::c0a8:101")]
    [TestCase("64:ff9b:1::1")]
    [TestCase("2002:c0a8:101::1")]
    [TestCase("2001::1")]
    [TestCase("2001:db8::1")]
    [TestCase("fc00::1")]
    [TestCase("fd12:3456:789a::1")]
    [TestCase("fec0::1")]
    [TestCase("100::1")]
    public void Knows_private_networks(string address) =>
        Assert.That(AddressKinds.Of(IPAddress.Parse(address)), Is.EqualTo(AddressKind.Private));

    [TestCase("1.1.1.1")]
    [TestCase("8.8.8.8")]
    [TestCase("172.32.0.1")]
    [TestCase("11.0.0.1")]
    [TestCase("2606:4700:4700::1111")]
    [TestCase("::ffff:8.8.8.8")]
    [TestCase("64:ff9b::808:808")]
    [TestCase("2002:808:808::1")]
    public void Lets_public_addresses_be_public(string address) =>
        Assert.That(AddressKinds.Of(IPAddress.Parse(address)), Is.EqualTo(AddressKind.Public));
}
