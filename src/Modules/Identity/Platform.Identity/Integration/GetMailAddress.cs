using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Identity.Contracts.Queries;
using Platform.Identity.Persistence;
using Platform.SharedKernel.Callers;

namespace Platform.Identity.Integration;

internal sealed class GetMailAddressHandler(IdentityDbContext db, ICurrentCaller caller)
    : IRequestHandler<GetMailAddressQuery, MailAddressOfCaller>
{
    public async Task<MailAddressOfCaller> Handle(GetMailAddressQuery request, CancellationToken cancellationToken) =>
        new(await db.Users.AsNoTracking().Where(user => user.Id == caller.UserId).Select(user => user.Email).SingleOrDefaultAsync(cancellationToken));
}
