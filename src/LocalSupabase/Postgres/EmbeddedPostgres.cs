using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;
using Platform.LocalSupabase.Secrets;

namespace Platform.LocalSupabase.Postgres;

/// <summary>A private PostgreSQL server in the data directory, on loopback, that lives and ends with this process.</summary>
public sealed class EmbeddedPostgres : IAsyncDisposable
{
    private readonly ServerSupervisor _supervisor;
    private readonly LocalSecrets _secrets;
    private bool _disposed;

    private EmbeddedPostgres(ServerSupervisor supervisor, LocalSecrets secrets, int port)
    {
        _supervisor = supervisor;
        _secrets = secrets;
        Port = port;
    }

    /// <summary>The loopback port; the same for as long as this object lives, and after a restart when it is still free.</summary>
    public int Port { get; }

    /// <summary>Makes the cluster when there is none, starts the server, and answers when it accepts connections.</summary>
    /// <exception cref="LocalSupabaseException">It cannot start, for a reason that the operator can remove.</exception>
    public static async Task<EmbeddedPostgres> StartAsync(
        EmbeddedPostgresOptions options, LocalSecrets secrets, ILogger logger, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(secrets);
        if (!OperatingSystem.IsLinux())
        {
            throw new LocalSupabaseException(
                "system_not_supported",
                "The embedded mode runs on Linux alone.",
                "Set Supabase:Url and the connection strings of a Supabase project, or use a Linux machine or container.");
        }

        var supervisor = new ServerSupervisor(options, secrets.Password(LoginNames.Superuser), logger);
        try
        {
            var postgres = new EmbeddedPostgres(supervisor, secrets, await supervisor.StartAsync(cancellationToken));
            await postgres.CheckPasswordAsync(options.StartTimeout, cancellationToken);
            return postgres;
        }
        catch
        {
            await supervisor.StopAsync();
            supervisor.Dispose();
            throw;
        }
    }

    /// <summary>How a login connects; pooling and the rest are the caller's choice.</summary>
    public string ConnectionString(string login, string? database = null) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Username = login,
        Password = _secrets.Password(login),
        Database = database ?? "postgres",
        // Loopback: neither handshake could succeed, and each costs a round trip.
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
    }.ConnectionString;

    /// <summary>How a login connects, for programs that take a URL.</summary>
    public string Url(string login) => $"postgresql://{login}:{_secrets.Password(login)}@127.0.0.1:{Port}/postgres";

    /// <summary>Stops the server: clients are cut off, nothing committed is lost.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!Interlocked.Exchange(ref _disposed, true))
        {
            await _supervisor.StopAsync();
            _supervisor.Dispose();
        }
    }

    private async Task CheckPasswordAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection($"{ConnectionString(LoginNames.Superuser)};Pooling=false");
                await connection.OpenAsync(cancellationToken);
                return;
            }
            catch (NpgsqlException exception) when (exception.IsTransient && watch.Elapsed < patience)
            {
                // The server died right after it was ready; the supervisor is bringing it back.
                await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
            }
            catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.InvalidPassword)
            {
                throw new LocalSupabaseException(
                    "secrets_do_not_match",
                    "The password in secrets.json is not the one that the cluster in the data directory was made with.",
                    "Restore secrets.json and the folder postgres from the same backup.",
                    exception);
            }
        }
    }
}
