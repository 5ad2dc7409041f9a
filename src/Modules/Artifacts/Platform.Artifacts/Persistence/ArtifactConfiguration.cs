using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Platform.Artifacts.Domain;

namespace Platform.Artifacts.Persistence;

internal sealed class ArtifactConfiguration : IEntityTypeConfiguration<Artifact>
{
    public void Configure(EntityTypeBuilder<Artifact> builder)
    {
        builder.Property(artifact => artifact.Id).ValueGeneratedNever();
        builder.Property(artifact => artifact.Data).HasColumnType("jsonb");
        builder.HasMany(artifact => artifact.Versions).WithOne().HasForeignKey(version => version.ArtifactId).IsRequired();
        builder.Property<uint>("xmin").IsRowVersion();
    }
}

internal sealed class ArtifactVersionConfiguration : IEntityTypeConfiguration<ArtifactVersion>
{
    public void Configure(EntityTypeBuilder<ArtifactVersion> builder)
    {
        builder.Property(version => version.Id).ValueGeneratedNever();
        builder.Property(version => version.Data).HasColumnType("jsonb");
    }
}

internal sealed class LineageEdgeConfiguration : IEntityTypeConfiguration<LineageEdge>
{
    public void Configure(EntityTypeBuilder<LineageEdge> builder) => builder.Property(edge => edge.Id).ValueGeneratedNever();
}
