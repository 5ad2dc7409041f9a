using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Identity.Persistence;
using Platform.SharedKernel.Infrastructure.Encryption;
using Platform.SharedKernel.Messages;

namespace Platform.Identity.Features.Keys;

/// <summary>Wraps the next data keys of the rotation that runs. Keys and progress are one transaction, so a kill loses nothing.</summary>
internal sealed record RewrapKeysCommand : ICommand<bool>;

/// <summary>Answers whether there may be more to do.</summary>
internal sealed class RewrapKeysHandler(IdentityDbContext db, EnvelopeCipher cipher, MasterKeyRing ring, TimeProvider clock)
    : IRequestHandler<RewrapKeysCommand, bool>
{
    private const int BatchSize = 200;

    public async Task<bool> Handle(RewrapKeysCommand request, CancellationToken cancellationToken)
    {
        // A node with an older configuration does not have the key, and leaves it to others.
        var rotation = await db.KeyRotations
            .FromSql(
                $"""
                select * from identity.key_rotations where status = 'running' and master_key_id = {ring.CurrentId} for update skip locked
                """)
            .SingleOrDefaultAsync(cancellationToken);
        if (rotation is null)
        {
            return false;
        }

        var keys = await db.UserKeys
            .FromSql(
                $"""
                select * from identity.user_keys where master_key_id <> {ring.CurrentId} and key_id > {rotation.LastKeyId}
                order by key_id limit {BatchSize} for update
                """)
            .ToListAsync(cancellationToken);
        if (keys.Count == 0)
        {
            rotation.Complete(clock.GetUtcNow());
            return false;
        }

        var wrapped = 0;
        foreach (var key in keys)
        {
            var before = new WrappedDataKey(key.UserId, key.MasterKeyId, key.WrappedKey);
            if (cipher.StateOf(before) == EnvelopeCipher.Usable)
            {
                var after = cipher.Rewrap(before);
                key.WrapWith(after.MasterKeyId, after.Wrapped);
                wrapped++;
            }
        }

        rotation.Advance(wrapped, keys.Count - wrapped, keys.Max(key => key.KeyId), clock.GetUtcNow());
        return true;
    }
}
