using System.Net.Sockets;
using Platform.SharedKernel.Infrastructure.Egress;

namespace Platform.Connectors.Types;

/// <summary>A TCP connection to an address that the guard gave.</summary>
internal static class GuardedSocket
{
    public static async Task<NetworkStream> ConnectAsync(IEgressGuard egress, string host, int port, CancellationToken cancellationToken)
    {
        var addresses = await egress.ResolveAsync(host, port, cancellationToken);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
