using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Platform.Chat.Domain;

namespace Platform.Chat.Persistence;

internal sealed class ChatSessionConfiguration : IEntityTypeConfiguration<ChatSession>
{
    public void Configure(EntityTypeBuilder<ChatSession> builder)
    {
        builder.Property(session => session.Id).ValueGeneratedNever();
        builder.Property(session => session.Messages).HasColumnType("jsonb");
        builder.Property(session => session.Context).HasColumnType("jsonb");
        builder.Property<uint>("xmin").IsRowVersion();
    }
}

internal sealed class ChatMessageConfiguration : IEntityTypeConfiguration<ChatMessage>
{
    public void Configure(EntityTypeBuilder<ChatMessage> builder)
    {
        builder.Property(message => message.Id).ValueGeneratedNever();
        builder.Property(message => message.Parts).HasColumnType("jsonb");
        builder.Property(message => message.Usage).HasColumnType("jsonb");
        builder.Ignore(message => message.Topic);
        builder.Ignore(message => message.IsRunning);
        builder.HasOne<ChatSession>().WithMany().HasForeignKey(message => message.SessionId).IsRequired();
        builder.HasOne<ChatMessage>().WithMany().HasForeignKey(message => message.ParentId);
        builder.Property<uint>("xmin").IsRowVersion();
    }
}
