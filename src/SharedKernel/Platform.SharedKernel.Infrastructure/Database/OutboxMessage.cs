using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Platform.SharedKernel.Infrastructure.Database;

/// <summary>An integration event in the outbox: stored if, and only if, the transaction of its cause commits.</summary>
internal sealed class OutboxMessage
{
    public required Guid Id { get; init; }

    public required string Name { get; init; }

    public required Guid AggregateId { get; init; }

    public required Guid? UserId { get; init; }

    public required JsonElement Payload { get; init; }

    public required DateTimeOffset OccurredAt { get; init; }
}

internal sealed class OutboxMessageConfiguration : IEntityTypeConfiguration<OutboxMessage>
{
    public void Configure(EntityTypeBuilder<OutboxMessage> builder)
    {
        builder.ToTable("outbox", "platform");
        builder.Property(message => message.Id).ValueGeneratedNever();
        builder.Property(message => message.Payload).HasColumnType("jsonb");
    }
}
