using Hangfire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Platform.Identity.Authentication;
using Platform.Identity.Contracts.Queries;
using Platform.Identity.Features.Account;
using Platform.Identity.Features.Admin;
using Platform.Identity.Features.ApiKeys;
using Platform.Identity.Features.Audit;
using Platform.Identity.Features.Exports;
using Platform.Identity.Features.Keys;
using Platform.Identity.Features.Profile;
using Platform.Identity.Features.Sessions;
using Platform.Identity.Jobs;
using Platform.Identity.Persistence;
using Platform.SharedKernel.Infrastructure;
using Platform.SharedKernel.Infrastructure.Authentication;
using Platform.SharedKernel.Infrastructure.Http;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.Identity;

/// <summary>People: their account and all that controls it, and what staff may do for them.</summary>
public sealed class IdentityModule : IModule
{
    internal const string Schema = "identity";

    /// <inheritdoc/>
    public string Name => Schema;

    /// <inheritdoc/>
    public void AddServices(IServiceCollection services, IConfiguration configuration) =>
        AccountGateway.Register(services)
            .AddModule<IdentityDbContext>(contracts: typeof(GetUserDataKeyQuery).Assembly)
            .AddAccessRules(ReadingOperations.Names)
            .AddSingleton<ShownOnce>()
            .AddSingleton<DeletionReceipts>()
            .AddTransient<ForgetAccountJob>()
            .AddTransient<RewrapKeysJob>()
            .AddTransient<ExportUserDataJob>()
            .AddSingleton<ImpersonationTokens>()
            .AddSingleton<ICredentialAuthenticator>(provider => provider.GetRequiredService<ImpersonationTokens>())
            .AddSingleton<ICredentialAuthenticator, ApiKeyAuthenticator>();

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder routes)
    {
        routes.MapGroup("/api/v1/me").WithTags("Identity").RequireAuthorization().WithResourceFilters()
            .Map<GetMeEndpoint>()
            .Map<UpdateMeEndpoint>()
            .Map<GetPreferencesEndpoint>()
            .Map<UpdatePreferencesEndpoint>()
            .Map<GetPreferencesSchemaEndpoint>()
            .Map<GetSettingsEndpoint>()
            .Map<UpdateSettingsEndpoint>()
            .Map<GetSettingsSchemaEndpoint>()
            .Map<ListAuditEndpoint>()
            .Map<EndMyImpersonationEndpoint>()
            .Map<DeleteMeEndpoint>();
        routes
            .Map<VerifyDeletionReceiptEndpoint>();
        routes.MapGroup("/api/v1/me/sessions").WithTags("Identity").RequireAuthorization().WithResourceFilters()
            .Map<ListSessionsEndpoint>()
            .Map<EndSessionEndpoint>();
        routes.MapGroup("/api/v1/me/api-keys").WithTags("Identity").RequireAuthorization(AccessRules.InPerson).WithResourceFilters()
            .Map<ListApiKeysEndpoint>()
            .Map<CreateApiKeyEndpoint>()
            .Map<RotateApiKeyEndpoint>()
            .Map<RevokeApiKeyEndpoint>();
        routes.MapGroup("/api/v1/me/exports").WithTags("Identity").RequireAuthorization(AccessRules.InPerson).WithResourceFilters()
            .Map<CreateExportEndpoint>()
            .Map<GetExportEndpoint>()
            .Map<WatchExportEndpoint>();
        routes.MapGroup("/api/v1/admin").WithTags("Admin").RequireAuthorization(KernelServices.StaffPolicy).WithResourceFilters()
            .Map<FindUsersEndpoint>()
            .Map<GetUserEndpoint>()
            .Map<BanUserEndpoint>()
            .Map<UnbanUserEndpoint>()
            .Map<RevokeSessionsEndpoint>()
            .Map<ImpersonateUserEndpoint>()
            .Map<EndImpersonationEndpoint>()
            .Map<ReadAuditEndpoint>()
            .Map<VerifyAuditEndpoint>()
            .Map<GetOverviewEndpoint>();
        routes.MapGroup("/api/v1/admin/keys").WithTags("Admin").RequireAuthorization(KernelServices.StaffPolicy).WithResourceFilters()
            .Map<GetKeysEndpoint>()
            .Map<StartKeyRotationEndpoint>();
    }

    /// <inheritdoc/>
    public void ScheduleJobs(IRecurringJobManager jobs) => RewrapKeysJob.Schedule(jobs);
}
