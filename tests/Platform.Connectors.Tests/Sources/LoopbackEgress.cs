using System.Net;
using System.Net.Sockets;
using Platform.SharedKernel.Infrastructure.Egress;

namespace Platform.Connectors.Tests.Sources;

/// <summary>Allows the loopback addresses alone, as the kernel's guard does where it is told so.</summary>
internal sealed class LoopbackEgress : IEgressGuard
{
    public async ValueTask<IPAddress[]> ResolveAsync(string host, int port, CancellationToken cancellationToken)
    {
        if (host.EndsWith(".invalid", StringComparison.Ordinal))
        {
            throw new SocketException((int)SocketError.HostNotFound);
        }

        var addresses = await Dns.GetHostAddressesAsync(host, cancellationToken);
        return addresses.Where(IPAddress.IsLoopback).OrderBy(address => address.AddressFamily).ToArray() is { Length: > 0 } allowed
            ? allowed
            : throw new EgressDeniedException(host);
    }
}
