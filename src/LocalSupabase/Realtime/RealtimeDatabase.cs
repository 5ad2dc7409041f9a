using Npgsql;
using Platform.LocalSupabase.Database;
using Platform.LocalSupabase.Realtime.Channels;

namespace Platform.LocalSupabase.Realtime;

/// <summary>
/// Two pools. One can become an API role and sees what policies show; the other administers the service: it plants probe rows, reads the
/// catalogue and replicates.
/// </summary>
internal sealed class RealtimeDatabase(LocalSupabaseOptions options) : IAsyncDisposable
{
    private readonly Lazy<NpgsqlDataSource> _callers = new(() => NpgsqlDataSource.Create(options.AuthenticatorConnectionString));
    private readonly Lazy<NpgsqlDataSource> _service = new(() => NpgsqlDataSource.Create(options.RealtimeConnectionString));

    /// <summary>Administers.</summary>
    public NpgsqlDataSource Service => _service.Value;

    /// <summary>For the replication connection, which has no pool.</summary>
    public string ReplicationConnectionString => options.RealtimeConnectionString;

    /// <summary>Works under an identity in a transaction that is always rolled back: nothing here is there to stay.</summary>
    public async Task<T> AsCallerAsync<T>(
        ChannelIdentity identity, string? topic, Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var connection = await _callers.Value.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await BecomeAsync(connection, identity, topic, cancellationToken);
        var result = await work(connection);
        await transaction.RollbackAsync(CancellationToken.None);
        return result;
    }

    /// <summary>Takes on an identity until the transaction ends.</summary>
    public static Task<int> BecomeAsync(NpgsqlConnection connection, ChannelIdentity identity, string? topic, CancellationToken cancellationToken) =>
        connection.Command(
            """
            select set_config('role', @role, true), set_config('request.jwt.claims', @claims, true),
              set_config('request.jwt.claim.sub', @subject, true), set_config('request.jwt.claim.role', @role, true),
              set_config('realtime.topic', @topic, true), set_config('request.headers', '{}', true)
            """,
            ("role", identity.Role), ("claims", identity.Claims), ("subject", identity.Subject ?? ""), ("topic", topic ?? ""))
            .ExecuteAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_callers.IsValueCreated)
        {
            await _callers.Value.DisposeAsync();
        }

        if (_service.IsValueCreated)
        {
            await _service.Value.DisposeAsync();
        }
    }
}
