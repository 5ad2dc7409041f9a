using System.Net;

namespace Platform.SharedKernel.Infrastructure.Egress;

/// <summary>A parsed <c>Egress:AllowedAddresses</c>.</summary>
internal sealed class EgressAllowList
{
    private readonly List<IPNetwork> _networks = [];
    private readonly HashSet<string> _hosts = new(StringComparer.OrdinalIgnoreCase);
    private bool _loopback;

    public static EgressAllowList Parse(string text)
    {
        var list = new EgressAllowList();
        foreach (var entry in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (entry.Equals("loopback", StringComparison.OrdinalIgnoreCase))
            {
                list._loopback = true;
            }
            else if (IPNetwork.TryParse(entry, out var network))
            {
                list._networks.Add(network);
            }
            else if (IPAddress.TryParse(entry, out var address))
            {
                list._networks.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            }
            else if (!entry.Equals("none", StringComparison.OrdinalIgnoreCase))
            {
                list._hosts.Add(entry);
            }
        }

        return list;
    }

    public bool Allows(string host, IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return (_loopback && IPAddress.IsLoopback(plain)) || _hosts.Contains(host) || _networks.Any(network => network.Contains(plain));
    }
}
