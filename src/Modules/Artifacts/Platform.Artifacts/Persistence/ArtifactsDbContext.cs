using Microsoft.EntityFrameworkCore;
using Platform.Artifacts.Domain;
using Platform.SharedKernel.Infrastructure.Database;

namespace Platform.Artifacts.Persistence;

internal sealed class ArtifactsDbContext(DbContextOptions<ArtifactsDbContext> options) : ModuleDbContext(options)
{
    public DbSet<Artifact> Artifacts => Set<Artifact>();

    public DbSet<ArtifactVersion> ArtifactVersions => Set<ArtifactVersion>();

    public DbSet<LineageEdge> LineageEdges => Set<LineageEdge>();

    protected override string Schema => ArtifactsModule.Schema;
}
