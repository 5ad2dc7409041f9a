using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Identity.Contracts.Queries;
using Platform.Identity.Persistence;

namespace Platform.Identity.Integration;

internal sealed class FindUsersOfMasterKeyHandler(IdentityDbContext db) : IRequestHandler<FindUsersOfMasterKeyQuery, IReadOnlyList<Guid>>
{
    public async Task<IReadOnlyList<Guid>> Handle(FindUsersOfMasterKeyQuery request, CancellationToken cancellationToken) =>
        await db.UserKeys.AsNoTracking()
            .Where(key => key.MasterKeyId == request.MasterKeyId && request.UserIds.Contains(key.UserId))
            .Select(key => key.UserId).Distinct().ToListAsync(cancellationToken);
}
