using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MySqlConnector;
using Platform.SharedKernel.Infrastructure.Egress;

namespace Platform.Connectors.Types.MySql;

/// <summary>
/// Connections that are kept for the next query: a pool a connector, address and set of credentials, so that nothing is shared between
/// owners and a changed password is a new pool. Both are bounded, the connections of a pool and the pools of this node.
/// </summary>
internal sealed class MySqlPools(IEgressGuard egress, TimeProvider clock) : IAsyncDisposable, IDisposable
{
    public const int MaxConnections = 6;
    private const int MaxPools = 200;
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(2);
    private readonly Dictionary<string, MySqlPool> _pools = new(StringComparer.Ordinal);

    /// <summary>
    /// Connects to the addresses that the guard allows now, one after the other; the host name is used for the certificate alone.
    /// </summary>
    public async Task<MySqlSession> OpenAsync(ConnectorSettings settings, CancellationToken cancellationToken)
    {
        var config = MySqlConfig.From(settings.Config);
        SourceException? last = null;
        foreach (var address in await egress.ResolveAsync(config.Host, config.Port, cancellationToken))
        {
            try
            {
                return await OpenAsync(settings, config, address, cancellationToken);
            }
            catch (Exception exception) when (MySqlFailures.IsUnreachable(exception) && !cancellationToken.IsCancellationRequested)
            {
                last = MySqlFailures.Of(exception);
            }
        }

        throw last ?? new SourceException(SourceFailure.HostNotFound, "The host name has no address.");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var pool in TakeAll())
        {
            await pool.DisposeAsync();
        }
    }

    public void Dispose() => TakeAll().ForEach(pool => pool.Dispose());

    private List<MySqlPool> TakeAll()
    {
        lock (_pools)
        {
            List<MySqlPool> all = [.. _pools.Values];
            _pools.Clear();
            return all;
        }
    }

    private async Task<MySqlSession> OpenAsync(
        ConnectorSettings settings, MySqlConfig config, IPAddress address, CancellationToken cancellationToken)
    {
        var (pool, removed) = Lease(settings, config, address);
        foreach (var old in removed)
        {
            await old.DisposeAsync();
        }

        try
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(ConnectTimeout);
            return await pool.OpenAsync(() => ReturnAsync(pool), timeout.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            await ReturnAsync(pool);
            throw new SourceException(SourceFailure.Timeout, "The server did not answer in time.", exception);
        }
        catch
        {
            await ReturnAsync(pool);
            throw;
        }
    }

    private (MySqlPool Pool, IReadOnlyList<MySqlPool> Removed) Lease(ConnectorSettings settings, MySqlConfig config, IPAddress address)
    {
        // A connector that is not saved is asked once.
        if (settings.ConnectorId is null)
        {
            return (new MySqlPool(BuildSource(config, settings.Credentials, address, isKept: false), isKept: false), []);
        }

        lock (_pools)
        {
            var removed = RemoveIdle();
            var key = KeyOf(settings, address);
            if (!_pools.TryGetValue(key, out var pool))
            {
                pool = new MySqlPool(BuildSource(config, settings.Credentials, address, isKept: true), isKept: true);
                _pools.Add(key, pool);
            }

            pool.Users++;
            pool.UsedAt = clock.GetTimestamp();
            return (pool, removed);
        }
    }

    private async ValueTask ReturnAsync(MySqlPool pool)
    {
        if (!pool.IsKept)
        {
            await pool.DisposeAsync();
            return;
        }

        lock (_pools)
        {
            pool.Users--;
            pool.UsedAt = clock.GetTimestamp();
        }
    }

    private List<MySqlPool> RemoveIdle()
    {
        var unused = _pools.Where(entry => entry.Value.Users == 0).OrderBy(entry => entry.Value.UsedAt).ToList();
        var excess = _pools.Count - MaxPools + 1;
        var removed = unused.Where((entry, rank) => rank < excess || clock.GetElapsedTime(entry.Value.UsedAt) > Idle).ToList();
        removed.ForEach(entry => _pools.Remove(entry.Key));
        return removed.ConvertAll(entry => entry.Value);
    }

    private static string KeyOf(ConnectorSettings settings, IPAddress address)
    {
        var key = JsonSerializer.Serialize(new
        {
            settings.OwnerId,
            settings.ConnectorId,
            Address = address.ToString(),
            settings.Config,
            Password = settings.Credentials.GetValueOrDefault("password", ""),
        });
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
    }

    private static MySqlDataSource BuildSource(
        MySqlConfig config, IReadOnlyDictionary<string, string> credentials, IPAddress address, bool isKept)
    {
        var settings = new MySqlConnectionStringBuilder
        {
            Server = address.ToString(),
            Port = (uint)config.Port,
            Database = config.Database,
            UserID = config.Username,
            Password = credentials.GetValueOrDefault("password", ""),
            // A server must not be able to send us to another address, nor to ask for a file of this machine.
            ServerRedirectionMode = MySqlServerRedirectionMode.Disabled,
            AllowLoadLocalInfile = false,
            SslMode = config.SslMode switch
            {
                "disable" => MySqlSslMode.Disabled,
                "prefer" => MySqlSslMode.Preferred,
                _ => MySqlSslMode.Required,
            },
            ConnectionProtocol = MySqlConnectionProtocol.Tcp,
            ConnectionTimeout = (uint)ConnectTimeout.TotalSeconds,
            CancellationTimeout = 2,
            DefaultCommandTimeout = 0,
            Pooling = isKept,
            MaximumPoolSize = MaxConnections,
            ConnectionIdleTimeout = (uint)Idle.TotalSeconds,
            ConnectionReset = true,
            AutoEnlist = false,
            AllowUserVariables = true,
            AllowZeroDateTime = true,
            TreatTinyAsBoolean = false,
            GuidFormat = MySqlGuidFormat.None,
            ApplicationName = "Platform",
        };
        var builder = new MySqlDataSourceBuilder(settings.ConnectionString);
        if (config.SslMode != "disable")
        {
            builder.UseRemoteCertificateValidationCallback(new ServerTrust(config.Host, config.SslMode, config.RootCertificate).Accepts);
        }

        return builder.Build();
    }
}
