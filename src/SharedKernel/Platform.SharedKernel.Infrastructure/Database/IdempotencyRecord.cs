using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Platform.SharedKernel.Infrastructure.Database;

/// <summary>The answer of a command that carried an <c>Idempotency-Key</c>, stored in the same transaction as its effect.</summary>
internal sealed class IdempotencyRecord
{
    public required Guid UserId { get; init; }

    public required string Key { get; init; }

    public required byte[] RequestHash { get; init; }

    public required JsonElement Response { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}

internal sealed class IdempotencyRecordConfiguration : IEntityTypeConfiguration<IdempotencyRecord>
{
    public void Configure(EntityTypeBuilder<IdempotencyRecord> builder)
    {
        builder.ToTable("idempotency_keys", "platform");
        builder.HasKey(record => new { record.UserId, record.Key });
        builder.Property(record => record.Response).HasColumnType("jsonb");
    }
}
