using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Platform.Workflows.Domain;

namespace Platform.Workflows.Persistence;

internal sealed class WorkflowConfiguration : IEntityTypeConfiguration<Workflow>
{
    public void Configure(EntityTypeBuilder<Workflow> builder)
    {
        builder.Property(workflow => workflow.Id).ValueGeneratedNever();
        builder.Property(workflow => workflow.Steps).HasColumnType("jsonb");
        builder.Property(workflow => workflow.Config).HasColumnType("jsonb");
        builder.HasMany(workflow => workflow.Versions).WithOne().HasForeignKey(version => version.WorkflowId).IsRequired();
        builder.Property<uint>("xmin").IsRowVersion();
    }
}

internal sealed class WorkflowVersionConfiguration : IEntityTypeConfiguration<WorkflowVersion>
{
    public void Configure(EntityTypeBuilder<WorkflowVersion> builder)
    {
        builder.Property(version => version.Id).ValueGeneratedNever();
        builder.Property(version => version.Steps).HasColumnType("jsonb");
        builder.Property(version => version.Config).HasColumnType("jsonb");
    }
}

internal sealed class TriggerConfiguration : IEntityTypeConfiguration<Trigger>
{
    public void Configure(EntityTypeBuilder<Trigger> builder)
    {
        builder.ToTable("triggers");
        builder.HasOne<Workflow>().WithMany().HasForeignKey(trigger => trigger.WorkflowId).IsRequired();
        builder.Property(trigger => trigger.Id).ValueGeneratedNever();
        builder.Property(trigger => trigger.Config).HasColumnType("jsonb");
        builder.Property(trigger => trigger.SecretEncrypted).HasColumnType("jsonb");
        builder.Ignore(trigger => trigger.IsActive);
        builder.Ignore(trigger => trigger.Schedule);
        builder.Ignore(trigger => trigger.Misfire);
        builder.Ignore(trigger => trigger.Filter);
    }
}

internal sealed class TriggerFiringConfiguration : IEntityTypeConfiguration<TriggerFiring>
{
    public void Configure(EntityTypeBuilder<TriggerFiring> builder)
    {
        builder.ToTable("trigger_firings");
        builder.Property(firing => firing.Id).ValueGeneratedNever();
        builder.Property(firing => firing.Payload).HasColumnType("jsonb");
    }
}
