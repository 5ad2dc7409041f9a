using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Platform.Workflows.Domain;

namespace Platform.Workflows.Persistence;

internal sealed class ExecutionConfiguration : IEntityTypeConfiguration<Execution>
{
    public void Configure(EntityTypeBuilder<Execution> builder)
    {
        builder.ToTable("workflow_executions");
        builder.Property(execution => execution.Id).ValueGeneratedNever();
        builder.Property(execution => execution.ExecutionData).HasColumnType("jsonb");
        builder.Property(execution => execution.Results).HasColumnType("jsonb");
        builder.Ignore(execution => execution.IsFinal);
        builder.Property<uint>("xmin").IsRowVersion();
    }
}

internal sealed class ExecutionStepConfiguration : IEntityTypeConfiguration<ExecutionStep>
{
    public void Configure(EntityTypeBuilder<ExecutionStep> builder)
    {
        builder.Property(step => step.Id).ValueGeneratedNever();
        builder.Property(step => step.Input).HasColumnType("jsonb");
        builder.Property(step => step.Output).HasColumnType("jsonb");
        builder.Property(step => step.Error).HasColumnType("jsonb");
        builder.Property(step => step.Log).HasColumnType("jsonb");
        builder.Ignore(step => step.IsFinal);
    }
}

internal sealed class PayloadConfiguration : IEntityTypeConfiguration<Payload>
{
    public void Configure(EntityTypeBuilder<Payload> builder)
    {
        builder.Property(payload => payload.Id).ValueGeneratedNever();
        builder.Property(payload => payload.Content).HasColumnType("jsonb");
    }
}

internal sealed class ExecutionSignalConfiguration : IEntityTypeConfiguration<ExecutionSignal>
{
    public void Configure(EntityTypeBuilder<ExecutionSignal> builder)
    {
        builder.ToTable("signals");
        builder.Property(signal => signal.Id).ValueGeneratedNever();
        builder.Property(signal => signal.Payload).HasColumnType("jsonb");
    }
}
