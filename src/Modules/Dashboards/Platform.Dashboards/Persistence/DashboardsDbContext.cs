using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Domain;
using Platform.SharedKernel.Infrastructure.Database;

namespace Platform.Dashboards.Persistence;

internal sealed class DashboardsDbContext(DbContextOptions<DashboardsDbContext> options) : ModuleDbContext(options)
{
    public DbSet<Dashboard> Dashboards => Set<Dashboard>();

    public DbSet<Widget> Widgets => Set<Widget>();

    public DbSet<DashboardVersion> DashboardVersions => Set<DashboardVersion>();

    public DbSet<ShareLink> ShareLinks => Set<ShareLink>();

    /// <summary>Says why the command changes a board; the version that the database keeps of the change holds it.</summary>
    public Task GiveVersionReasonAsync(string reason, CancellationToken cancellationToken) =>
        Database.ExecuteSqlAsync($"select set_config('dashboards.version_reason', {reason}, true)", cancellationToken);

    public DbSet<Alert> Alerts => Set<Alert>();

    public DbSet<AlertHistoryEntry> AlertHistory => Set<AlertHistoryEntry>();

    public DbSet<AlertDelivery> AlertDeliveries => Set<AlertDelivery>();

    public DbSet<Subscription> Subscriptions => Set<Subscription>();

    public DbSet<SubscriptionRun> SubscriptionRuns => Set<SubscriptionRun>();

    protected override string Schema => DashboardsModule.Schema;
}
