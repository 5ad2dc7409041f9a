using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.DuckDb;
using Platform.Connectors.Features.Connectors;
using Platform.Connectors.Features.Streams;
using Platform.Connectors.Features.Uploads;
using Platform.Connectors.Persistence;
using Platform.Connectors.Types;
using Platform.Connectors.Types.Files;
using Platform.Connectors.Types.Http;
using Platform.SharedKernel.Infrastructure.Http;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.Connectors;

/// <summary>People's data sources: live queries, syncs to datasets, and queries over these.</summary>
public sealed class ConnectorsModule : IModule
{
    internal const string Schema = "connectors";

    /// <inheritdoc/>
    public string Name => Schema;

    /// <inheritdoc/>
    public void AddServices(IServiceCollection services, IConfiguration configuration) =>
        services
            .AddModule<ConnectorsDbContext>(contracts: typeof(RunConnectorQuery).Assembly)
            .AddModuleOptions<ConnectorsOptions>(ConnectorsOptions.SectionName)
            .AddModuleOptions<DuckDbOptions>(DuckDbOptions.SectionName)
            .AddSingleton<ConnectorTypes>()
            .AddSingleton<IConnectorType, PostgresConnector>()
            .AddSingleton<IConnectorType, HttpConnector>()
            .AddSingleton<IConnectorType, FileConnector>()
            .AddSingleton<HttpPages>()
            .AddSingleton<HttpTokens>()
            .AddSingleton<IUploadedFiles, UploadedFiles>()
            .AddSingleton<FileCache>()
            .AddSingleton<ConnectorStorage>()
            .AddSingleton<Datasets>()
            .AddSingleton<WorkFolders>()
            .AddSingleton<WorkerSandbox>()
            .AddSingleton<WorkerPool>()
            .AddSingleton<DuckDbEngine>()
            .AddSingleton<IHostVerb, DuckDbWorkerVerb>()
            .AddTransient<Credentials>()
            .AddTransient<ConnectorOpener>();

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder routes)
    {
        routes.MapGroup("/api/v1/connector-types").WithTags("Connectors").RequireAuthorization()
            .Map<ListConnectorTypesEndpoint>();
        routes.MapGroup("/api/v1/connectors").WithTags("Connectors").RequireAuthorization().WithResourceFilters()
            .Map<CreateConnectorEndpoint>()
            .Map<ListConnectorsEndpoint>()
            .Map<TestUnsavedConnectorEndpoint>()
            .Map<GetConnectorEndpoint>()
            .Map<UpdateConnectorEndpoint>()
            .Map<DeleteConnectorEndpoint>()
            .Map<TestConnectorEndpoint>()
            .Map<GetConnectorSchemaEndpoint>()
            .Map<QueryConnectorEndpoint>()
            .Map<ListConnectorEventsEndpoint>();
        routes.MapGroup("/api/v1/uploads").WithTags("Connectors").RequireAuthorization().WithResourceFilters()
            .Map<CreateUploadEndpoint>()
            .Map<GetUploadEndpoint>();
    }
}
