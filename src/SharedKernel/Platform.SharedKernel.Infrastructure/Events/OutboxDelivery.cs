using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Platform.SharedKernel.Infrastructure.Events;

/// <summary>That a reaction has handled an event: written in the reaction's own transaction, so that a repeat changes nothing.</summary>
internal sealed class OutboxDelivery
{
    public required Guid EventId { get; init; }

    public required string Handler { get; init; }

    public required Guid? UserId { get; init; }
}

internal sealed class OutboxDeliveryConfiguration : IEntityTypeConfiguration<OutboxDelivery>
{
    public void Configure(EntityTypeBuilder<OutboxDelivery> builder)
    {
        builder.ToTable("outbox_deliveries", "platform");
        builder.HasKey(delivery => new { delivery.EventId, delivery.Handler });
    }
}
