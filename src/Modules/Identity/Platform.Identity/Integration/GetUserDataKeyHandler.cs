using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Platform.Identity.Contracts.Queries;
using Platform.Identity.Domain;
using Platform.Identity.Persistence;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Encryption;
using Platform.SharedKernel.Messages;

namespace Platform.Identity.Integration;

/// <summary>Answers with the caller's newest data key. The first one is made in a transaction of its own: keys are never half made.</summary>
internal sealed class GetUserDataKeyHandler(IdentityDbContext db, ICurrentCaller caller, IServiceScopeFactory scopes)
    : IRequestHandler<GetUserDataKeyQuery, UserDataKey>
{
    public async Task<UserDataKey> Handle(GetUserDataKeyQuery request, CancellationToken cancellationToken) =>
        await FindAsync(cancellationToken) ?? await CreateAsync(cancellationToken);

    private Task<UserDataKey?> FindAsync(CancellationToken cancellationToken) =>
        db.UserKeys.AsNoTracking()
            .Where(key => key.UserId == caller.UserId)
            .OrderByDescending(key => key.KeyId)
            .Select(key => new UserDataKey(key.UserId, key.MasterKeyId, key.WrappedKey))
            .FirstOrDefaultAsync(cancellationToken);

    private async Task<UserDataKey> CreateAsync(CancellationToken cancellationToken)
    {
        if (caller.Caller.IsReadOnly)
        {
            throw new ForbiddenException("read_only", "This session may only read.");
        }

        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = caller.Caller;
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new EnsureUserDataKeyCommand(), cancellationToken);
    }
}

internal sealed record EnsureUserDataKeyCommand : ICommand<UserDataKey>;

internal sealed class EnsureUserDataKeyHandler(IdentityDbContext db, EnvelopeCipher cipher, ICurrentCaller caller, TimeProvider clock)
    : IRequestHandler<EnsureUserDataKeyCommand, UserDataKey>
{
    public async Task<UserDataKey> Handle(EnsureUserDataKeyCommand request, CancellationToken cancellationToken)
    {
        // Two first uses at once must end with one key, or the loser's secrets would be sealed under a key that is not the newest.
        await db.Database.ExecuteSqlAsync(
            $"select pg_advisory_xact_lock(hashtextextended({caller.UserId.ToString()}, 7))", cancellationToken);
        var existing = await db.UserKeys.AsNoTracking()
            .Where(key => key.UserId == caller.UserId)
            .OrderByDescending(key => key.KeyId)
            .FirstOrDefaultAsync(cancellationToken);
        if (existing is null)
        {
            var created = cipher.CreateDataKey(caller.UserId);
            existing = UserKey.Create(caller.UserId, created.Wrapped, created.MasterKeyId, clock.GetUtcNow());
            db.UserKeys.Add(existing);
        }

        return new UserDataKey(existing.UserId, existing.MasterKeyId, existing.WrappedKey);
    }
}
