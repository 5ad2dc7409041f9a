using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Domain;
using Platform.SharedKernel.Infrastructure.Database;

namespace Platform.Dashboards.Persistence;

internal sealed class DashboardsDbContext(DbContextOptions<DashboardsDbContext> options) : ModuleDbContext(options)
{
    public DbSet<Dashboard> Dashboards => Set<Dashboard>();

    public DbSet<Widget> Widgets => Set<Widget>();

    protected override string Schema => DashboardsModule.Schema;
}
