using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Database;
using Platform.SharedKernel.Infrastructure.Json;
using Platform.SharedKernel.Paging;

namespace Platform.SharedKernel.Infrastructure.Http;

/// <summary>
/// The request's <c>Idempotency-Key</c>. The command's answer is kept in the transaction of its effect; a repeat gets the answer
/// again, so the endpoint gives the same response. An advisory lock that ends with the transaction marks a key as still running.
/// </summary>
internal sealed class IdempotencyGuard(TimeProvider clock)
{
    private string? _key;
    private byte[] _requestHash = [];

    /// <summary>Whether the next command of the scope is to be kept. A request's second command is not: its key belongs to the first.</summary>
    public bool IsRequested => _key is not null;

    /// <summary>Takes the key of a request.</summary>
    public void Request(string key, byte[] requestHash) => (_key, _requestHash) = (key, requestHash);

    public async Task<(bool Replayed, TResponse? Response)> FindAsync<TResponse>(ModuleDbContext db, CancellationToken cancellationToken)
    {
        var userId = db.RequireSession().Caller.UserId;
        var lockId = BitConverter.ToInt64(SHA256.HashData([.. userId.ToByteArray(), .. Encoding.UTF8.GetBytes(_key!)]));
        // The lock is taken by the same statement that looks: two statements would need a second round trip.
        var rows = await db.Database.SqlQuery<IdempotencyLookup>(
            $"""
            select l.locked, k.request_hash, k.response::text as response, k.xmin::text::bigint as version
            from (select pg_try_advisory_xact_lock({lockId}) as locked) l
            left join platform.idempotency_keys k on k.user_id = {userId} and k.key = {_key}
            """).ToListAsync(cancellationToken);
        var found = rows[0];
        if (found.Response is null)
        {
            return found.Locked
                ? (false, default)
                : throw new ConflictException("idempotency_key_in_use", "A request with this Idempotency-Key is still running.");
        }

        RuleViolationException.ThrowIf(
            !found.RequestHash!.AsSpan().SequenceEqual(_requestHash),
            "idempotency_key_reused",
            "This Idempotency-Key was used for another request.");
        _key = null;
        return (true, Deserialize<TResponse>(found.Response, found.Version ?? 0));
    }

    public void Store<TResponse>(ModuleDbContext db, TResponse response)
    {
        var now = clock.GetUtcNow();
        db.Set<IdempotencyRecord>().Add(new IdempotencyRecord
        {
            UserId = db.RequireSession().Caller.UserId,
            Key = _key!,
            RequestHash = _requestHash,
            Response = JsonSerializer.SerializeToElement(response, PlatformJson.Options),
            CreatedAt = now,
        });
    }

    /// <summary>The command has committed: a second command of the request is not the key's.</summary>
    public void Complete() => _key = null;

    // The kept row and the resource were written by one transaction, so their xmin, which is the ETag, is the same.
    private static TResponse Deserialize<TResponse>(string json, long version)
    {
        var response = JsonSerializer.Deserialize<TResponse>(json, PlatformJson.Options)!;
        if (response is VersionedResponse versioned)
        {
            versioned.Version = new RowVersion((uint)version);
        }

        return response;
    }

    private sealed record IdempotencyLookup(bool Locked, byte[]? RequestHash, string? Response, long? Version);
}
