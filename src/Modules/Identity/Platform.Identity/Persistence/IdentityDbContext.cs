using Microsoft.EntityFrameworkCore;
using Platform.Identity.Domain;
using Platform.SharedKernel.Infrastructure.Database;

namespace Platform.Identity.Persistence;

internal sealed class IdentityDbContext(DbContextOptions<IdentityDbContext> options) : ModuleDbContext(options)
{
    public DbSet<User> Users => Set<User>();

    public DbSet<UserProfile> UserProfiles => Set<UserProfile>();

    public DbSet<UserKey> UserKeys => Set<UserKey>();

    public DbSet<KeyRotation> KeyRotations => Set<KeyRotation>();

    public DbSet<ApiKey> ApiKeys => Set<ApiKey>();

    public DbSet<Grant> Grants => Set<Grant>();

    public DbSet<Export> Exports => Set<Export>();

    public DbSet<AuditEntry> AuditLog => Set<AuditEntry>();

    protected override string Schema => IdentityModule.Schema;
}
