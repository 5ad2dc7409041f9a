using Npgsql;

namespace Platform.LocalSupabase.Auth;

/// <summary>The auth service's own pool. It logs in as the owner of the <c>auth</c> schema and reaches nothing else.</summary>
internal sealed class AuthDatabase(LocalSupabaseOptions options) : IAsyncDisposable
{
    private readonly Lazy<NpgsqlDataSource> _source = new(() => NpgsqlDataSource.Create(options.AuthConnectionString));

    public ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) => _source.Value.OpenConnectionAsync(cancellationToken);

    /// <summary>Commits when the work returns, rolls back when it throws. Work that must be kept although it fails returns its failure.</summary>
    public async Task<T> InTransactionAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var result = await work(connection);
        await transaction.CommitAsync(cancellationToken);
        return result;
    }

    /// <summary>The same, for work without a result.</summary>
    public Task InTransactionAsync(Func<NpgsqlConnection, Task> work, CancellationToken cancellationToken) => InTransactionAsync(
        async connection =>
        {
            await work(connection);
            return true;
        },
        cancellationToken);

    public ValueTask DisposeAsync() => _source.IsValueCreated ? _source.Value.DisposeAsync() : ValueTask.CompletedTask;
}
