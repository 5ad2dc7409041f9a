using System.Globalization;
using System.Net.Security;
using System.Text;
using Platform.SharedKernel.Infrastructure.Egress;

namespace Platform.Connectors.Types.Redis;

/// <summary>
/// One connection to a server, signed in and in its database. Whoever stops waiting closes it, which ends what it asked for.
/// </summary>
internal sealed class RedisSession : IAsyncDisposable
{
    private const int MaxReplyBytes = 1024 * 1024;
    private readonly Stream _stream;
    private readonly RespReader _reader;

    private RedisSession(Stream stream) => (_stream, _reader) = (stream, new RespReader(stream));

    /// <summary>Whether a reply was longer than its bounds; the session is of no use afterwards.</summary>
    public bool IsCut => _reader.IsCut;

    /// <summary>Connects to the config's server.</summary>
    public static Task<RedisSession> OpenAsync(ConnectorSettings settings, IEgressGuard egress, CancellationToken cancellationToken)
    {
        var config = RedisConfig.From(settings.Config);
        return OpenAsync(settings, config, config.Host, config.Port, egress, cancellationToken);
    }

    /// <summary>Connects to another server of the same cluster, which the guard checks as it checks the first.</summary>
    public static async Task<RedisSession> OpenAsync(
        ConnectorSettings settings, RedisConfig config, string host, int port, IEgressGuard egress, CancellationToken cancellationToken)
    {
        Stream stream = await GuardedSocket.ConnectAsync(egress, host, port, cancellationToken);
        try
        {
            if (config.SslMode != "disable")
            {
                stream = await EncryptAsync(stream, config, cancellationToken);
            }

            var session = new RedisSession(stream);
            await session.SignInAsync(config, settings.Credentials.GetValueOrDefault("password", ""), cancellationToken);
            return session;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends a command and reads a short reply; an error becomes a <see cref="SourceException"/>.</summary>
    public Task<RespValue> AskAsync(IReadOnlyList<string> command, CancellationToken cancellationToken) =>
        AskAsync(command, 100_000, MaxReplyBytes, cancellationToken);

    /// <summary>Sends a command and reads a reply within bounds.</summary>
    public async Task<RespValue> AskAsync(
        IReadOnlyList<string> command, long maxItems, long maxBytes, CancellationToken cancellationToken)
    {
        var reply = await TryAskAsync(command, maxItems, maxBytes, cancellationToken);
        return reply.IsError ? throw RedisFailures.Of(reply.Text) : reply;
    }

    /// <summary>The same, with an error as a reply.</summary>
    public async Task<RespValue> TryAskAsync(
        IReadOnlyList<string> command, long maxItems, long maxBytes, CancellationToken cancellationToken)
    {
        await SendAsync(command, cancellationToken);
        return await _reader.ReadAsync(maxItems, maxBytes, cancellationToken);
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private static async Task<SslStream> EncryptAsync(Stream plain, RedisConfig config, CancellationToken cancellationToken)
    {
        var trust = new ServerTrust(config.Host, config.SslMode, config.RootCertificate);
        var encrypted = new SslStream(plain, leaveInnerStreamOpen: false, trust.Accepts);
        await encrypted.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = config.Host }, cancellationToken);
        return encrypted;
    }

    private async Task SignInAsync(RedisConfig config, string password, CancellationToken cancellationToken)
    {
        if (password.Length > 0)
        {
            string[] command = config.Username is { Length: > 0 } user ? ["AUTH", user, password] : ["AUTH", password];
            var reply = await TryAskAsync(command, 0, MaxReplyBytes, cancellationToken);
            if (reply.IsError)
            {
                throw new SourceException(SourceFailure.AuthenticationFailed, "The server does not accept this username and password.");
            }
        }

        if (config.Database != 0)
        {
            await AskAsync(["SELECT", config.Database.ToString(CultureInfo.InvariantCulture)], cancellationToken);
        }
    }

    // Each argument is sent with its length, so that none can become a command.
    private async Task SendAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        using var request = new MemoryStream();
        request.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"*{command.Count}\r\n")));
        foreach (var argument in command.Select(Encoding.UTF8.GetBytes))
        {
            request.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"${argument.Length}\r\n")));
            request.Write(argument);
            request.Write("\r\n"u8);
        }

        await _stream.WriteAsync(request.GetBuffer().AsMemory(0, (int)request.Length), cancellationToken);
    }
}
