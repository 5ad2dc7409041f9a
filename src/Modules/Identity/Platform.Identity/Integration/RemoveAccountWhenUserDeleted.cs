using Hangfire;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Identity.Contracts.Events;
using Platform.Identity.Jobs;
using Platform.Identity.Persistence;
using Platform.SharedKernel.Infrastructure.Authentication;
using Platform.SharedKernel.Infrastructure.Supabase;

namespace Platform.Identity.Integration;

/// <summary>
/// Removes the account at Supabase Auth, with which this module's rows go, files in Storage that no module's row names, and what the
/// kernel keeps. The log of the account stays: it holds nothing but ids and facts.
/// </summary>
internal sealed class RemoveAccountWhenUserDeletedHandler(
    IdentityDbContext db, AccountGateway accounts, StorageGateway storage, IBackgroundJobClient jobs)
    : INotificationHandler<UserDeletedIntegrationEvent>
{
    private const int Batch = 500;
    private static readonly TimeSpan UntilAllHasEnded = TimeSpan.FromMinutes(10);

    public async Task Handle(UserDeletedIntegrationEvent notification, CancellationToken cancellationToken)
    {
        var wasThere = await accounts.RemoveAsync(notification.UserId, cancellationToken);
        await RemoveFilesAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync($"select platform.forget_caller()", cancellationToken);
        if (wasThere)
        {
            jobs.Schedule<ForgetAccountJob>(job => job.RunAsync(notification.UserId, CancellationToken.None), UntilAllHasEnded);
        }
    }

    private async Task RemoveFilesAsync(CancellationToken cancellationToken)
    {
        while (await ListFilesAsync(cancellationToken) is { Count: > 0 } files)
        {
            foreach (var bucket in files.GroupBy(file => file.BucketId, StringComparer.Ordinal))
            {
                await storage.RemoveAsync(bucket.Key, [.. bucket.Select(file => file.Name)], cancellationToken);
            }
        }
    }

    private Task<List<StoredFile>> ListFilesAsync(CancellationToken cancellationToken) =>
        db.Database.SqlQuery<StoredFile>($"select * from identity.list_files({Batch})").ToListAsync(cancellationToken);

    private sealed record StoredFile(string BucketId, string Name);
}
