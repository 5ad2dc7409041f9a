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
        builder.Property<uint>("xmin").IsRowVersion();
    }
}
