using Microsoft.EntityFrameworkCore;
using Platform.Chat.Domain;
using Platform.SharedKernel.Infrastructure.Database;

namespace Platform.Chat.Persistence;

internal sealed class ChatDbContext(DbContextOptions<ChatDbContext> options) : ModuleDbContext(options)
{
    public DbSet<ChatSession> ChatSessions => Set<ChatSession>();

    public DbSet<ChatMessage> ChatMessages => Set<ChatMessage>();

    protected override string Schema => ChatModule.Schema;
}
