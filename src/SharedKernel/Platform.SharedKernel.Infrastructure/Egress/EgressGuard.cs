using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Platform.SharedKernel.Infrastructure.Egress;

/// <summary>Decides which addresses outbound calls may reach.</summary>
public interface IEgressGuard
{
    /// <summary>
    /// Resolves a host to the addresses that may be connected to. The caller connects to these very addresses, so that a second answer of
    /// the name server cannot change them (DNS rebinding).
    /// </summary>
    /// <param name="host">A host name or address.</param>
    /// <param name="port">The port.</param>
    /// <param name="cancellationToken">Cancels the look-up.</param>
    /// <returns>At least one address. Throws <see cref="EgressDeniedException"/> if none is allowed.</returns>
    ValueTask<IPAddress[]> ResolveAsync(string host, int port, CancellationToken cancellationToken);
}

/// <summary>The ports that this node itself listens on and its embedded services use: never reachable from the inside.</summary>
public sealed class OwnPorts
{
    private readonly HashSet<int> _ports = [];

    /// <summary>Whether the Host listens on loopback alone.</summary>
    public bool LoopbackOnly { get; set; } = true;

    /// <summary>Adds a port.</summary>
    /// <param name="port">A TCP port.</param>
    public void Add(int port)
    {
        lock (_ports)
        {
            _ports.Add(port);
        }
    }

    /// <summary>Whether a port is ours.</summary>
    /// <param name="port">A TCP port.</param>
    /// <returns>Whether calls to it on this machine are refused.</returns>
    public bool Contains(int port)
    {
        lock (_ports)
        {
            return _ports.Contains(port);
        }
    }
}

internal sealed class EgressGuard(IOptions<EgressOptions> options, OwnPorts ownPorts, ILogger<EgressGuard> logger) : IEgressGuard
{
    private readonly EgressAllowList _configured = EgressAllowList.Parse(options.Value.AllowedAddresses ?? "none");
    private readonly bool _isConfigured = options.Value.AllowedAddresses is not null;

    public async ValueTask<IPAddress[]> ResolveAsync(string host, int port, CancellationToken cancellationToken)
    {
        var bare = host.Trim('[', ']');
        var candidates = IPAddress.TryParse(bare, out var literal)
            ? [literal]
            : await Dns.GetHostAddressesAsync(bare, AddressFamily.Unspecified, cancellationToken);
        var allowed = candidates.Where(address => IsAllowed(bare, address, port)).ToArray();
        if (allowed.Length > 0)
        {
            return allowed;
        }

        logger.EgressDenied(bare, "address_not_allowed");
        throw new EgressDeniedException(bare);
    }

    private bool IsAllowed(string host, IPAddress address, int port)
    {
        var kind = AddressKinds.Of(address);
        if (kind is AddressKind.NeverReachable || (kind is AddressKind.Loopback && ownPorts.Contains(port)))
        {
            return false;
        }

        return kind is AddressKind.Public
            || _configured.Allows(host, address)
            || (!_isConfigured && ownPorts.LoopbackOnly && kind is AddressKind.Loopback);
    }
}
