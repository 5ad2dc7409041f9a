using Microsoft.AspNetCore.Http;
using Npgsql;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Storage;

/// <summary>
/// Two pools. One can become an API role and sees what policies show; the other owns the schema and writes what was allowed
/// before.
/// </summary>
internal sealed class StorageDatabase(LocalSupabaseOptions options) : IAsyncDisposable
{
    private readonly Lazy<NpgsqlDataSource> _callers = new(() => NpgsqlDataSource.Create(options.AuthenticatorConnectionString));
    private readonly Lazy<NpgsqlDataSource> _service = new(() => NpgsqlDataSource.Create(options.StorageConnectionString));

    /// <summary>Works under the caller's role and claims, which end with the transaction.</summary>
    public Task<T> AsCallerAsync<T>(StorageCaller caller, HttpContext context, string operation, Func<NpgsqlConnection, Task<T>> work) =>
        AsCallerAsync(caller, context, operation, keep: true, work);

    /// <summary>Tries a statement under the caller's policies and leaves nothing behind.</summary>
    public Task TryAsCallerAsync(StorageCaller caller, HttpContext context, string operation, Func<NpgsqlConnection, Task<int>> work) =>
        AsCallerAsync(caller, context, operation, keep: false, work);

    public async Task<T> AsServiceAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var connection = await _service.Value.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var result = await work(connection);
        await transaction.CommitAsync(cancellationToken);
        return result;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var source in new[] { _callers, _service }.Where(source => source.IsValueCreated))
        {
            await source.Value.DisposeAsync();
        }
    }

    private async Task<T> AsCallerAsync<T>(
        StorageCaller caller, HttpContext context, string operation, bool keep, Func<NpgsqlConnection, Task<T>> work)
    {
        await using var connection = await _callers.Value.OpenConnectionAsync(context.RequestAborted);
        await using var transaction = await connection.BeginTransactionAsync(context.RequestAborted);
        await connection.Command(
            """
            select set_config('role', @role, true), set_config('request.jwt', @token, true), set_config('request.jwt.claims', @claims, true),
              set_config('request.jwt.claim.sub', @subject, true), set_config('request.jwt.claim.role', @role, true),
              set_config('request.headers', @headers, true), set_config('request.method', @method, true),
              set_config('request.path', @path, true), set_config('storage.operation', @operation, true),
              set_config('storage.allow_delete_query', 'true', true)
            """,
            ("role", caller.Role), ("token", caller.Token), ("claims", caller.Claims), ("subject", caller.Subject ?? ""),
            ("headers", StorageCallers.HeadersOf(context.Request)), ("method", context.Request.Method),
            ("path", context.Request.Path.Value ?? ""), ("operation", operation)).ExecuteAsync(context.RequestAborted);
        var result = await work(connection);
        await (keep ? transaction.CommitAsync(context.RequestAborted) : transaction.RollbackAsync(context.RequestAborted));
        return result;
    }
}
