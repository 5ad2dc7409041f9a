using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Identity.Contracts.Queries;
using Platform.Identity.Persistence;
using Platform.SharedKernel.Infrastructure.Encryption;

namespace Platform.Identity.Integration;

internal sealed class FindUnreadableKeysHandler(IdentityDbContext db, EnvelopeCipher cipher)
    : IRequestHandler<FindUnreadableKeysQuery, IReadOnlyList<UnreadableKeys>>
{
    private const int MostPeople = 10_000;

    public async Task<IReadOnlyList<UnreadableKeys>> Handle(FindUnreadableKeysQuery request, CancellationToken cancellationToken)
    {
        var unreadable = new List<UnreadableKeys>();
        foreach (var id in await db.UserKeys.AsNoTracking().Select(key => key.MasterKeyId).Distinct().ToListAsync(cancellationToken))
        {
            var keys = db.UserKeys.AsNoTracking().Where(key => key.MasterKeyId == id).OrderByDescending(key => key.KeyId);
            var newest = await keys.FirstAsync(cancellationToken);
            var state = cipher.StateOf(new WrappedDataKey(newest.UserId, newest.MasterKeyId, newest.WrappedKey));
            if (state != EnvelopeCipher.Usable)
            {
                var people = await keys.Select(key => key.UserId).Distinct().Take(MostPeople).ToListAsync(cancellationToken);
                unreadable.Add(new UnreadableKeys(id, state, people));
            }
        }

        return unreadable;
    }
}
