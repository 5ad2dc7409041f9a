using System.Net;
using System.Net.Sockets;

namespace Platform.SharedKernel.Infrastructure.Egress;

internal enum AddressKind
{
    Public,
    Private,
    Loopback,
    NeverReachable,
}

/// <summary>What an address is, by the IANA special-purpose registries (RFC 6890). IPv6 forms that carry an IPv4 address count as that.</summary>
internal static class AddressKinds
{
    private static readonly IPNetwork[] NeverReachable = Networks(
        "0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4", "::/128", "fe80::/10", "ff00::/8", "fd00:ec2::/32");

    private static readonly IPNetwork[] Private = Networks(
        "10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16",
        "fc00::/7", "fec0::/10");

    private static readonly IPNetwork Loopback4 = IPNetwork.Parse("127.0.0.0/8");
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork LocalNat64 = IPNetwork.Parse("64:ff9b:1::/48");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");
    private static readonly IPNetwork Compatible = IPNetwork.Parse("::/96");

    // Stateless translation (RFC 7915): another way to write an IPv4 address where a translator stands.
    private static readonly IPNetwork Translated = IPNetwork.Parse("::ffff:0:0:0/96");

    public static AddressKind Of(IPAddress address)
    {
        var plain = Unwrap(address);
        if (IPAddress.IsLoopback(plain) || Loopback4.Contains(plain))
        {
            return AddressKind.Loopback;
        }

        if (NeverReachable.Any(network => network.Contains(plain)))
        {
            return AddressKind.NeverReachable;
        }

        return Private.Any(network => network.Contains(plain)) || LocalNat64.Contains(plain) ? AddressKind.Private : AddressKind.Public;
    }

    private static IPAddress Unwrap(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        // A zone index would keep the address out of its network.
        var bytes = address.GetAddressBytes();
        var bare = new IPAddress(bytes);
        if (SixToFour.Contains(bare))
        {
            return new IPAddress(bytes.AsSpan(2, 4));
        }

        var embedsIPv4 = Nat64.Contains(bare) || Translated.Contains(bare)
            || (Compatible.Contains(bare) && !bare.Equals(IPAddress.IPv6Loopback) && !bare.Equals(IPAddress.IPv6Any));
        return embedsIPv4 ? new IPAddress(bytes.AsSpan(12, 4)) : bare;
    }

    private static IPNetwork[] Networks(params string[] ranges) => [.. ranges.Select(range => IPNetwork.Parse(range))];
}
