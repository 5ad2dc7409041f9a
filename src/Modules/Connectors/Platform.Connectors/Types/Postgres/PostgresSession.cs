using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Npgsql;
using Platform.SharedKernel.Infrastructure.Egress;

namespace Platform.Connectors.Types.Postgres;

/// <summary>One connection to a source, in one read-only transaction that ends with it.</summary>
internal sealed class PostgresSession : IAsyncDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);
    private readonly NpgsqlDataSource _source;

    private PostgresSession(NpgsqlDataSource source, NpgsqlConnection connection) => (_source, Connection) = (source, connection);

    public NpgsqlConnection Connection { get; }

    /// <summary>
    /// Connects to the addresses that the guard allows, one after the other; the host name is used for the certificate alone.
    /// </summary>
    public static async Task<PostgresSession> OpenAsync(
        ConnectorSettings settings, IEgressGuard egress, CancellationToken cancellationToken)
    {
        var config = PostgresConfig.From(settings.Config);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(ConnectTimeout);
        try
        {
            SourceException? last = null;
            foreach (var address in await egress.ResolveAsync(config.Host, config.Port, timeout.Token))
            {
                try
                {
                    return await ConnectAsync(config, settings.Credentials, address, timeout.Token);
                }
                catch (Exception exception)
                    when (exception is not PostgresException and (NpgsqlException or SocketException or IOException))
                {
                    last = PostgresFailures.OnConnect(exception);
                }
            }

            throw last ?? new SourceException(SourceFailure.HostNotFound, "The host name has no address.");
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested
            && (exception is OperationCanceledException || PostgresFailures.IsSourceTrouble(exception)))
        {
            throw exception as SourceException ?? PostgresFailures.OnConnect(exception);
        }
    }

    /// <summary>Begins the transaction. The settings make the text forms of values the same at every source.</summary>
    public async Task BeginReadOnlyAsync(TimeSpan statementTimeout, CancellationToken cancellationToken)
    {
        await using var batch = Connection.CreateBatch();
        string[] statements =
        [
            "begin transaction isolation level repeatable read read only",
            string.Create(CultureInfo.InvariantCulture, $"set local statement_timeout = {(long)statementTimeout.TotalMilliseconds}"),
            "set local idle_in_transaction_session_timeout = 60000",
            // The scanner, the driver and the source must agree on where a string ends, whatever the source's own settings are.
            "set local standard_conforming_strings = on",
            "set local timezone = 'UTC'",
            "set local datestyle = 'ISO, YMD'",
            "set local intervalstyle = 'iso_8601'",
            "set local bytea_output = 'hex'",
            "set local extra_float_digits = 1",
            // All rows are wanted, not the first ones fast: plan as if there were no cursor.
            "set local cursor_tuple_fraction = 1",
        ];
        foreach (var statement in statements)
        {
            var command = batch.CreateBatchCommand();
            command.CommandText = statement;
            batch.BatchCommands.Add(command);
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync();
        await _source.DisposeAsync();
    }

    private static async Task<PostgresSession> ConnectAsync(
        PostgresConfig config, IReadOnlyDictionary<string, string> credentials, IPAddress address, CancellationToken cancellationToken)
    {
        var source = BuildSource(config, credentials, address);
        NpgsqlConnection? connection = null;
        try
        {
            connection = await source.OpenConnectionAsync(cancellationToken);
            return new PostgresSession(source, connection);
        }
        catch
        {
            await source.DisposeAsync();
            throw;
        }
    }

    private static NpgsqlDataSource BuildSource(PostgresConfig config, IReadOnlyDictionary<string, string> credentials, IPAddress address)
    {
        var settings = new NpgsqlConnectionStringBuilder
        {
            Host = address.ToString(),
            Port = config.Port,
            Database = config.Database,
            Username = config.Username,
            Password = credentials.GetValueOrDefault("password", ""),
            SslMode = config.SslMode,
            GssEncryptionMode = GssEncryptionMode.Disable,
            // The process's own password file must never answer for somebody's connector.
            Passfile = "/dev/null",
            ApplicationName = "Platform",
            Timeout = (int)ConnectTimeout.TotalSeconds,
            CommandTimeout = 0,
            Pooling = false,
            Enlist = false,
        };
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        // Types are known by their OIDs; loading the source's catalogue would double the price of a connection.
        builder.ConfigureTypeLoading(loading => loading.EnableTypeLoading(false));
        builder.UseSslClientAuthenticationOptionsCallback(options => options.TargetHost = config.Host);
        if (config.RootCertificate is { Length: > 0 } pem)
        {
            builder.UseRootCertificates(ReadCertificates(pem));
        }

        return builder.Build();
    }

    private static X509Certificate2Collection ReadCertificates(string pem)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(pem);
        }
        catch (CryptographicException exception)
        {
            throw new SourceException(SourceFailure.InvalidConfig, "The root_certificate is no PEM certificate.", exception);
        }

        return certificates.Count > 0
            ? certificates
            : throw new SourceException(SourceFailure.InvalidConfig, "The root_certificate is no PEM certificate.");
    }
}
