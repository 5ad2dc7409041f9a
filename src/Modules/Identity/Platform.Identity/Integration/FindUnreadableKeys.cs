using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Identity.Contracts.Queries;
using Platform.Identity.Persistence;
using Platform.SharedKernel.Infrastructure.Encryption;

namespace Platform.Identity.Integration;

internal sealed class FindUnreadableKeysHandler(IdentityDbContext db, EnvelopeCipher cipher)
    : IRequestHandler<FindUnreadableKeysQuery, IReadOnlyList<UnreadableKeys>>
{
    public async Task<IReadOnlyList<UnreadableKeys>> Handle(FindUnreadableKeysQuery request, CancellationToken cancellationToken)
    {
        var unreadable = new List<UnreadableKeys>();
        foreach (var id in await db.UserKeys.AsNoTracking().Select(key => key.MasterKeyId).Distinct().ToListAsync(cancellationToken))
        {
            var newest = await db.UserKeys.AsNoTracking()
                .Where(key => key.MasterKeyId == id).OrderByDescending(key => key.KeyId).FirstAsync(cancellationToken);
            var state = cipher.StateOf(new WrappedDataKey(newest.UserId, newest.MasterKeyId, newest.WrappedKey));
            if (state != EnvelopeCipher.Usable)
            {
                unreadable.Add(new UnreadableKeys(id, state));
            }
        }

        return unreadable;
    }
}
