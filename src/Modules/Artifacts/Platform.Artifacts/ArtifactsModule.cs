using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Platform.Artifacts.Contracts.Commands;
using Platform.Artifacts.Features.Artifacts;
using Platform.Artifacts.Persistence;
using Platform.Artifacts.Types;
using Platform.SharedKernel.Infrastructure.Http;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.Artifacts;

/// <summary>What people and their AI have made and keep: tables, charts, documents, files, with versions and lineage.</summary>
public sealed class ArtifactsModule : IModule
{
    internal const string Schema = "artifacts";

    /// <summary>The private bucket in Storage; paths begin with the owner's id.</summary>
    internal const string Bucket = "artifacts";

    /// <inheritdoc/>
    public string Name => Schema;

    /// <inheritdoc/>
    public void AddServices(IServiceCollection services, IConfiguration configuration) =>
        services
            .AddModule<ArtifactsDbContext>(contracts: typeof(CreateArtifactCommand).Assembly)
            .AddSingleton<ArtifactTypes>()
            .AddSingleton<IArtifactType, TableArtifact>()
            .AddSingleton<IArtifactType, ChartArtifact>()
            .AddSingleton<IArtifactType>(new FreeArtifact("document"))
            .AddSingleton<IArtifactType>(new FreeArtifact("code"))
            .AddSingleton<IArtifactType>(new FreeArtifact("image"))
            .AddSingleton<IArtifactType>(new FreeArtifact("file"))
            .AddSingleton<IArtifactType>(new FreeArtifact("query"));

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder routes) =>
        routes.MapGroup("/api/v1/artifacts").WithTags("Artifacts").RequireAuthorization().WithResourceFilters()
            .Map<CreateArtifactEndpoint>()
            .Map<UploadArtifactEndpoint>()
            .Map<ListArtifactsEndpoint>()
            .Map<GetArtifactEndpoint>()
            .Map<UpdateArtifactEndpoint>()
            .Map<DeleteArtifactEndpoint>()
            .Map<GetArtifactContentEndpoint>()
            .Map<ListArtifactVersionsEndpoint>()
            .Map<RestoreArtifactVersionEndpoint>();
}
