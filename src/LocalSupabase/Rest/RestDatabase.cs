using System.Globalization;
using Microsoft.AspNetCore.Http;
using Npgsql;
using Platform.LocalSupabase.Database;
using Platform.LocalSupabase.Storage;
using Platform.LocalSupabase.Tokens;

namespace Platform.LocalSupabase.Rest;

/// <summary>Who asks, as the database is told.</summary>
internal sealed record RestCaller(string Role, string Claims, string Subject);

/// <summary>Runs each request in a transaction of its own under its caller's role, with a bound on its time.</summary>
internal sealed class RestDatabase(LocalSupabaseOptions options, TokenVerifier verifier) : IAsyncDisposable
{
    private readonly Lazy<NpgsqlDataSource> _callers = new(() => NpgsqlDataSource.Create(options.AuthenticatorConnectionString));

    public RestOptions Options => options.Rest;

    /// <exception cref="RestException">The token is not valid, or its role may not be taken.</exception>
    public async Task<RestCaller> CallerAsync(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        if (header.Length == 0)
        {
            return new RestCaller("anon", """{"role":"anon"}""", "");
        }

        var token = header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header["Bearer ".Length..].Trim() : header;
        var verification = await verifier.VerifyAsync(token);
        if (verification.Claims is not { } claims)
        {
            throw verification.Fault == TokenFault.Expired
                ? new RestException(401, "PGRST303", "JWT expired")
                : new RestException(401, "PGRST301", "The JWT cannot be verified");
        }

        // Never a role by an unknown name: it would be set on the connection.
        var role = claims.Role ?? "anon";
        return role is "anon" or "authenticated" or "service_role"
            ? new RestCaller(role, claims.Json, claims.Subject ?? "")
            : throw new RestException(403, "42501", $"permission denied to set role \"{role}\"");
    }

    /// <summary>Commits what the work did, unless it throws.</summary>
    public async Task<RestAnswer> RunAsync(HttpContext context, RestCaller caller, Func<RestCall, Task<RestAnswer>> work)
    {
        var reads = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        var schema = SchemaOf(context.Request, reads);
        await using var connection = await _callers.Value.OpenConnectionAsync(context.RequestAborted);
        await using var transaction = await connection.BeginTransactionAsync(context.RequestAborted);
        await connection.Command(
            """
            select set_config('role', @role, true), set_config('request.jwt.claims', @claims, true),
              set_config('request.jwt.claim.sub', @subject, true), set_config('request.jwt.claim.role', @role, true),
              set_config('request.headers', @headers, true), set_config('request.method', @method, true),
              set_config('request.path', @path, true), set_config('search_path', @search, true),
              set_config('statement_timeout', @timeout, true), set_config('transaction_read_only', @reads, true)
            """,
            ("role", caller.Role), ("claims", caller.Claims), ("subject", caller.Subject),
            ("headers", StorageCallers.HeadersOf(context.Request)),
            ("method", context.Request.Method), ("path", context.Request.Path.Value ?? ""),
            ("search", $"{Catalog.Relation.Quote(schema)}, public, extensions"),
            ("timeout", string.Create(CultureInfo.InvariantCulture, $"{Options.StatementTimeoutSeconds}s")),
            ("reads", reads ? "on" : "off"))
            .ExecuteAsync(context.RequestAborted);
        var answer = await work(new RestCall(context, connection, schema, Options));
        await transaction.CommitAsync(context.RequestAborted);
        return answer;
    }

    public async ValueTask DisposeAsync()
    {
        if (_callers.IsValueCreated)
        {
            await _callers.Value.DisposeAsync();
        }
    }

    private string SchemaOf(HttpRequest request, bool reads)
    {
        var served = Options.Schemas.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var wanted = request.Headers[reads ? "Accept-Profile" : "Content-Profile"].ToString();
        if (wanted.Length == 0)
        {
            return served[0];
        }

        return served.Contains(wanted)
            ? wanted
            : throw new RestException(
                406, "PGRST106", $"Invalid schema: {wanted}", hint: $"Only the following schemas are exposed: {string.Join(", ", served)}");
    }
}
