using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Platform.Dashboards.Domain;

namespace Platform.Dashboards.Persistence;

internal sealed class DashboardConfiguration : IEntityTypeConfiguration<Dashboard>
{
    public void Configure(EntityTypeBuilder<Dashboard> builder)
    {
        builder.Property(dashboard => dashboard.Id).ValueGeneratedNever();
        builder.Property(dashboard => dashboard.Layout).HasColumnType("jsonb");
        builder.Property(dashboard => dashboard.Config).HasColumnType("jsonb");
        builder.HasMany(dashboard => dashboard.Widgets).WithOne().HasForeignKey(widget => widget.DashboardId).IsRequired();
        builder.Ignore(dashboard => dashboard.Document);
        builder.Property<uint>("xmin").IsRowVersion();
    }
}

internal sealed class DashboardVersionConfiguration : IEntityTypeConfiguration<DashboardVersion>
{
    public void Configure(EntityTypeBuilder<DashboardVersion> builder)
    {
        builder.Property(version => version.Id).ValueGeneratedNever();
        builder.Property(version => version.Snapshot).HasColumnType("jsonb");
    }
}

internal sealed class ShareLinkConfiguration : IEntityTypeConfiguration<ShareLink>
{
    public void Configure(EntityTypeBuilder<ShareLink> builder)
    {
        builder.Property(link => link.Id).ValueGeneratedNever();
        builder.Property(link => link.LockedParameters).HasColumnType("jsonb");
        builder.Property(link => link.AllowedOrigins).HasColumnType("jsonb");
        builder.Property<uint>("xmin").IsRowVersion();
    }
}

internal sealed class WidgetConfiguration : IEntityTypeConfiguration<Widget>
{
    public void Configure(EntityTypeBuilder<Widget> builder)
    {
        builder.Property(widget => widget.Id).ValueGeneratedNever();
        builder.Property(widget => widget.Config).HasColumnType("jsonb");
        builder.Property(widget => widget.DataQuery).HasColumnType("jsonb");
        builder.Ignore(widget => widget.Place);
        builder.Ignore(widget => widget.Content);
        builder.Ignore(widget => widget.Document);
        builder.Property<uint>("xmin").IsRowVersion();
    }
}

internal sealed class AlertConfiguration : IEntityTypeConfiguration<Alert>
{
    public void Configure(EntityTypeBuilder<Alert> builder)
    {
        builder.Property(alert => alert.Id).ValueGeneratedNever();
        builder.Property(alert => alert.Condition).HasColumnType("jsonb");
        builder.Property(alert => alert.Notify).HasColumnType("jsonb");
        builder.Ignore(alert => alert.Terms);
        builder.Property<uint>("xmin").IsRowVersion();
    }
}

internal sealed class AlertHistoryEntryConfiguration : IEntityTypeConfiguration<AlertHistoryEntry>
{
    public void Configure(EntityTypeBuilder<AlertHistoryEntry> builder)
    {
        builder.ToTable("alert_history");
        builder.Property(entry => entry.Id).ValueGeneratedNever();
        builder.Property(entry => entry.Value).HasColumnType("jsonb");
    }
}

internal sealed class AlertDeliveryConfiguration : IEntityTypeConfiguration<AlertDelivery>
{
    public void Configure(EntityTypeBuilder<AlertDelivery> builder)
    {
        builder.Property(delivery => delivery.Id).ValueGeneratedNever();
        builder.Property<uint>("xmin").IsRowVersion();
    }
}

internal sealed class SubscriptionConfiguration : IEntityTypeConfiguration<Subscription>
{
    public void Configure(EntityTypeBuilder<Subscription> builder)
    {
        builder.Property(subscription => subscription.Id).ValueGeneratedNever();
        builder.Property(subscription => subscription.Parameters).HasColumnType("jsonb");
        builder.Ignore(subscription => subscription.Terms);
        builder.Property<uint>("xmin").IsRowVersion();
    }
}

internal sealed class SubscriptionRunConfiguration : IEntityTypeConfiguration<SubscriptionRun>
{
    public void Configure(EntityTypeBuilder<SubscriptionRun> builder)
    {
        builder.Property(run => run.Id).ValueGeneratedNever();
        builder.HasOne<Subscription>().WithMany().HasForeignKey(run => run.SubscriptionId);
        builder.Property<uint>("xmin").IsRowVersion();
    }
}
