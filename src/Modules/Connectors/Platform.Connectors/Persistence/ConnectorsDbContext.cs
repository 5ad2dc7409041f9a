using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Platform.Connectors.Domain;
using Platform.SharedKernel.Infrastructure.Database;

namespace Platform.Connectors.Persistence;

internal sealed class ConnectorsDbContext(DbContextOptions<ConnectorsDbContext> options) : ModuleDbContext(options)
{
    public DbSet<Connector> Connectors => Set<Connector>();

    public DbSet<ConnectorEvent> ConnectorEvents => Set<ConnectorEvent>();

    public DbSet<ConnectorHealth> ConnectorHealth => Set<ConnectorHealth>();

    public DbSet<StoredSchema> Schemas => Set<StoredSchema>();

    public DbSet<ConnectorStream> ConnectorStreams => Set<ConnectorStream>();

    public DbSet<SyncRun> SyncRuns => Set<SyncRun>();

    public DbSet<Upload> Uploads => Set<Upload>();

    public DbSet<OAuthAttempt> OAuthAttempts => Set<OAuthAttempt>();

    public DbSet<OAuthGrant> OAuthGrants => Set<OAuthGrant>();

    protected override string Schema => ConnectorsModule.Schema;

    /// <summary>Writes the sealed credentials of a tracked connector, in the one statement that writes its row.</summary>
    public void WriteSecrets(Connector connector, JsonElement? sealedCredentials)
    {
        var secrets = new ConnectorSecrets(connector.Id);
        if (Entry(connector).State == EntityState.Added)
        {
            secrets.Replace(sealedCredentials);
            Add(secrets);
            return;
        }

        var entry = Attach(secrets);
        entry.Property("xmin").OriginalValue = Entry(connector).Property("xmin").OriginalValue;
        secrets.Replace(sealedCredentials);
        entry.Property(row => row.CredentialsEncrypted).IsModified = true;
    }
}
