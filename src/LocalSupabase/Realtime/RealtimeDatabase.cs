using Npgsql;
using Platform.LocalSupabase.Database;
using Platform.LocalSupabase.Realtime.Changes;
using Platform.LocalSupabase.Realtime.Channels;

namespace Platform.LocalSupabase.Realtime;

/// <summary>
/// Two pools. One can become an API role and sees what policies show; the other administers the service: it plants probe rows, reads the
/// catalogue and replicates.
/// </summary>
internal sealed class RealtimeDatabase(LocalSupabaseOptions options) : IAsyncDisposable
{
    private const string Become =
        """
        select set_config('role', @role, true), set_config('request.jwt.claims', @claims, true),
          set_config('request.jwt.claim.sub', @subject, true), set_config('request.jwt.claim.role', @role, true),
          set_config('realtime.topic', @topic, true), set_config('request.headers', '{}', true)
        """;

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

    /// <summary>Reads under an identity in one round trip: both statements share its implicit transaction.</summary>
    public async Task<List<T>> ReadAsCallerAsync<T>(
        ChannelIdentity identity, string sql, IEnumerable<(string Name, object? Value)> parameters, Func<NpgsqlDataReader, T> read,
        CancellationToken cancellationToken)
    {
        await using var connection = await _callers.Value.OpenConnectionAsync(cancellationToken);
        await using var command = connection.Command($"{Become};\n{sql}", [.. Parameters(identity, null), .. parameters]);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    /// <summary>Waits until everybody sees what a transaction did that the log has told of.</summary>
    public async Task WaitUntilSettledAsync(uint transactionId, CancellationToken cancellationToken)
    {
        await using var connection = await Service.OpenConnectionAsync(cancellationToken);
        for (var attempt = 0; await IsUnsettledAsync(); attempt++)
        {
            await SettledTransactions.PauseAsync(attempt, cancellationToken);
        }

        async Task<bool> IsUnsettledAsync()
        {
            await using var command = connection.Command(
                $"select {SettledTransactions.AnyIsUnsettled("transactions")}", ("transactions", new[] { (long)transactionId }));
            return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
        }
    }

    /// <summary>Takes on an identity until the transaction ends.</summary>
    public static Task<int> BecomeAsync(
        NpgsqlConnection connection, ChannelIdentity identity, string? topic, CancellationToken cancellationToken) =>
        connection.Command(Become, Parameters(identity, topic)).ExecuteAsync(cancellationToken);

    /// <summary>Forgets pooled connections: with the server they were opened to, they have ended.</summary>
    public void ForgetConnections()
    {
        _callers.Value.Clear();
        _service.Value.Clear();
    }

    private static (string Name, object? Value)[] Parameters(ChannelIdentity identity, string? topic) =>
        [("role", identity.Role), ("claims", identity.Claims), ("subject", identity.Subject ?? ""), ("topic", topic ?? "")];

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
