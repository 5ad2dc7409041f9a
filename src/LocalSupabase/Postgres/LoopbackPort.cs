using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Platform.LocalSupabase.Postgres;

/// <summary>
/// Picks the server's port. Below the range that the kernel hands to outgoing connections: from inside it, any program could take the
/// port while the server restarts, even a client of ours that connects to itself while it tries to reach the server.
/// </summary>
internal static class LoopbackPort
{
    private const int First = 15_000;
    private const int UsualEphemeralStart = 32_768;

    public static int Pick()
    {
        var end = EphemeralStart();
        for (var attempt = 0; attempt < 200; attempt++)
        {
            var port = RandomNumberGenerator.GetInt32(First, end);
            if (IsFree(port))
            {
                return port;
            }
        }

        throw new LocalSupabaseException(
            "no_free_port",
            $"No loopback port between {First} and {end} is free for PostgreSQL.",
            "Stop what listens there, and start again.");
    }

    public static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        // As the server does: connections of its predecessor that linger in TIME_WAIT are no obstacle.
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen(1);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int EphemeralStart()
    {
        const string Range = "/proc/sys/net/ipv4/ip_local_port_range";
        var text = File.Exists(Range) ? File.ReadAllText(Range).Split('\t', ' ')[0] : "";
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var start) && start > First + 1000
            ? start
            : UsualEphemeralStart;
    }
}
