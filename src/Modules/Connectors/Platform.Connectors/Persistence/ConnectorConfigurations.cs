using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Platform.Connectors.Domain;

namespace Platform.Connectors.Persistence;

internal sealed class ConnectorConfiguration : IEntityTypeConfiguration<Connector>
{
    public const string Table = "connectors";

    public void Configure(EntityTypeBuilder<Connector> builder)
    {
        builder.ToTable(Table);
        builder.Property(connector => connector.Id).ValueGeneratedNever();
        builder.Property(connector => connector.Config).HasColumnType("jsonb");
        builder.Property(connector => connector.CredentialsSet).HasColumnType("jsonb");
        builder.Property<uint>("xmin").IsRowVersion();
    }
}

/// <summary>The same table: an entity of its own, so that no query of connectors selects the column.</summary>
internal sealed class ConnectorSecretsConfiguration : IEntityTypeConfiguration<ConnectorSecrets>
{
    public void Configure(EntityTypeBuilder<ConnectorSecrets> builder)
    {
        builder.ToTable(ConnectorConfiguration.Table);
        builder.Property(secrets => secrets.Id).ValueGeneratedNever();
        builder.Property(secrets => secrets.CredentialsEncrypted).HasColumnType("jsonb");
        builder.HasOne<Connector>().WithOne().HasForeignKey<ConnectorSecrets>(secrets => secrets.Id).Metadata.IsRequiredDependent = true;
        builder.Property<uint>("xmin").HasColumnName("xmin").IsRowVersion();
    }
}

internal sealed class ConnectorEventConfiguration : IEntityTypeConfiguration<ConnectorEvent>
{
    public void Configure(EntityTypeBuilder<ConnectorEvent> builder)
    {
        builder.Property(entry => entry.Id).ValueGeneratedNever();
        builder.Property(entry => entry.Data).HasColumnType("jsonb");
        builder.HasOne<Connector>().WithMany().HasForeignKey(entry => entry.ConnectorId);
    }
}

internal sealed class ConnectorHealthConfiguration : IEntityTypeConfiguration<ConnectorHealth>
{
    public void Configure(EntityTypeBuilder<ConnectorHealth> builder)
    {
        builder.HasKey(health => health.ConnectorId);
        builder.Property(health => health.ConnectorId).ValueGeneratedNever();
        builder.HasOne<Connector>().WithOne().HasForeignKey<ConnectorHealth>(health => health.ConnectorId);
        builder.Property<uint>("xmin").IsRowVersion();
    }
}

internal sealed class StoredSchemaConfiguration : IEntityTypeConfiguration<StoredSchema>
{
    public void Configure(EntityTypeBuilder<StoredSchema> builder)
    {
        builder.ToTable("connector_schemas");
        builder.HasKey(schema => schema.ConnectorId);
        builder.Property(schema => schema.ConnectorId).ValueGeneratedNever();
        builder.Property(schema => schema.Tables).HasColumnType("jsonb");
        builder.Property(schema => schema.Drift).HasColumnType("jsonb");
        builder.HasOne<Connector>().WithOne().HasForeignKey<StoredSchema>(schema => schema.ConnectorId);
        builder.Property<uint>("xmin").IsRowVersion();
    }
}

internal sealed class ConnectorStreamConfiguration : IEntityTypeConfiguration<ConnectorStream>
{
    public void Configure(EntityTypeBuilder<ConnectorStream> builder)
    {
        builder.Property(stream => stream.Id).ValueGeneratedNever();
        builder.Property(stream => stream.Cursor).HasColumnType("jsonb");
        builder.Property(stream => stream.Schema).HasColumnType("jsonb");
        builder.Property(stream => stream.Files).HasColumnType("jsonb");
        builder.Property(stream => stream.PrimaryKey).HasColumnType("jsonb");
        builder.Property(stream => stream.DatasetKey).HasColumnType("jsonb");
        builder.Property(stream => stream.SourceSchema).HasColumnType("jsonb");
        builder.Ignore(stream => stream.CursorColumn).Ignore(stream => stream.CursorValue);
        builder.HasOne<Connector>().WithMany().HasForeignKey(stream => stream.ConnectorId);
        builder.Property<uint>("xmin").IsRowVersion();
    }
}

internal sealed class SyncRunConfiguration : IEntityTypeConfiguration<SyncRun>
{
    public void Configure(EntityTypeBuilder<SyncRun> builder)
    {
        builder.Property(run => run.Id).ValueGeneratedNever();
        builder.Property(run => run.Streams).HasColumnType("jsonb");
        builder.Property(run => run.Progress).HasColumnType("jsonb");
        builder.Ignore(run => run.IsOpen);
        builder.HasOne<Connector>().WithMany().HasForeignKey(run => run.ConnectorId);
        builder.Property<uint>("xmin").IsRowVersion();
    }
}

internal sealed class UploadConfiguration : IEntityTypeConfiguration<Upload>
{
    public void Configure(EntityTypeBuilder<Upload> builder) => builder.Property(upload => upload.Id).ValueGeneratedNever();
}

internal sealed class OAuthAttemptConfiguration : IEntityTypeConfiguration<OAuthAttempt>
{
    public void Configure(EntityTypeBuilder<OAuthAttempt> builder)
    {
        builder.ToTable("oauth_attempts");
        builder.Property(attempt => attempt.Id).ValueGeneratedNever();
        builder.HasOne<Connector>().WithMany().HasForeignKey(attempt => attempt.ConnectorId);
    }
}

/// <summary>Without the column of the tokens, which the caller's role cannot read; statements of their own write it.</summary>
internal sealed class OAuthGrantConfiguration : IEntityTypeConfiguration<OAuthGrant>
{
    public void Configure(EntityTypeBuilder<OAuthGrant> builder)
    {
        builder.ToTable("oauth_grants");
        builder.HasKey(grant => grant.ConnectorId);
        builder.Property(grant => grant.ConnectorId).ValueGeneratedNever();
        builder.HasOne<Connector>().WithOne().HasForeignKey<OAuthGrant>(grant => grant.ConnectorId);
    }
}
