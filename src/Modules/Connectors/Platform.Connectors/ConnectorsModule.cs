using Hangfire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.DuckDb;
using Platform.Connectors.Features.Admin;
using Platform.Connectors.Features.Connectors;
using Platform.Connectors.Features.OAuth;
using Platform.Connectors.Features.Queries;
using Platform.Connectors.Features.Streams;
using Platform.Connectors.Features.Syncs;
using Platform.Connectors.Features.Uploads;
using Platform.Connectors.Jobs;
using Platform.Connectors.Persistence;
using Platform.Connectors.Sqlite;
using Platform.Connectors.Types;
using Platform.Connectors.Types.Files;
using Platform.Connectors.Types.GraphQl;
using Platform.Connectors.Types.Http;
using Platform.Connectors.Types.Http.OAuth;
using Platform.Connectors.Types.MySql;
using Platform.Connectors.Types.S3;
using Platform.SharedKernel.Infrastructure;
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
            .AddModuleOptions<OAuthOptions>(OAuthOptions.SectionName)
            .AddSingleton<ConnectorTypes>()
            .AddSingleton<IConnectorType, PostgresConnector>()
            .AddSingleton<IConnectorType, MySqlServerConnector>()
            .AddSingleton<IConnectorType, RedisConnector>()
            .AddSingleton<IConnectorType, HttpConnector>()
            .AddSingleton<IConnectorType, GraphQlConnector>()
            .AddSingleton<IConnectorType, FileConnector>()
            .AddSingleton<IConnectorType, SqliteConnector>()
            .AddSingleton<IConnectorType, S3Connector>()
            .AddSingleton<IConnectorType, McpConnector>()
            .AddSingleton<MySqlPools>()
            .AddSingleton<HttpSender>()
            .AddSingleton<HttpPages>()
            .AddSingleton<GraphQlClient>()
            .AddSingleton<S3Client>()
            .AddSingleton<HttpTokens>()
            .AddSingleton<HttpAuthenticator>()
            .AddSingleton<OAuthTokenClient>()
            .AddSingleton<GrantRenewal>()
            .AddSingleton<IOAuthGrants, OAuthGrants>()
            .AddSingleton<OAuthCallback>()
            .AddSingleton<IUploadedFiles, UploadedFiles>()
            .AddSingleton<FileCache>()
            .AddSingleton<SourceWarmUp>()
            .AddSingleton<ConnectorStorage>()
            .AddSingleton<Datasets>()
            .AddSingleton<WorkFolders>()
            .AddSingleton<WorkerSandbox>()
            .AddSingleton<WorkerPool>()
            .AddSingleton<DuckDbEngine>()
            .AddSingleton<SqliteEngine>()
            .AddSingleton<IHostVerb, DuckDbWorkerVerb>()
            .AddSingleton<DatasetWriters>()
            .AddSingleton<StreamMerge>()
            .AddSingleton<StreamWork>()
            .AddSingleton<SyncWork>()
            .AddHostedService<MasterKeyWatch>()
            .AddTransient<SyncConnectorJob>()
            .AddTransient<SweepSyncsJob>()
            .AddTransient<CheckHealthJob>()
            .AddTransient<Credentials>()
            .AddTransient<ConnectorOpener>()
            .AddTransient<FederatedTables>();

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
            .Map<GetConnectorHealthEndpoint>()
            .Map<ListConnectorEventsEndpoint>()
            .Map<StartSyncEndpoint>()
            .Map<ListSyncsEndpoint>()
            .Map<ListStreamsEndpoint>()
            .Map<UpdateStreamEndpoint>()
            .Map<ResetStreamEndpoint>()
            .Map<GetDatasetRowsEndpoint>()
            .Map<AuthorizeConnectorEndpoint>()
            .Map<OAuthCallbackEndpoint>()
            .Map<OAuthConfirmationEndpoint>()
            .Map<GetAuthorizationEndpoint>()
            .Map<RemoveAuthorizationEndpoint>();
        routes.MapGroup("/api/v1/syncs").WithTags("Connectors").RequireAuthorization().WithResourceFilters()
            .Map<GetSyncEndpoint>()
            .Map<WatchSyncEndpoint>()
            .Map<CancelSyncEndpoint>();
        routes.MapGroup("/api/v1/query").WithTags("Connectors").RequireAuthorization()
            .Map<RunFederatedQueryEndpoint>();
        routes.MapGroup("/api/v1/uploads").WithTags("Connectors").RequireAuthorization().WithResourceFilters()
            .Map<CreateUploadEndpoint>()
            .Map<GetUploadEndpoint>();
        routes.MapGroup("/api/v1/admin/connectors").WithTags("Admin").RequireAuthorization(KernelServices.StaffPolicy).WithResourceFilters()
            .Map<FindConnectorsEndpoint>();
    }

    /// <inheritdoc/>
    public void ScheduleJobs(IRecurringJobManager jobs)
    {
        SweepSyncsJob.Schedule(jobs);
        CheckHealthJob.Schedule(jobs);
    }
}
