using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Platform.Identity.Contracts.Queries;
using Platform.Identity.Features.Profile;
using Platform.Identity.Persistence;
using Platform.SharedKernel.Infrastructure.Http;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.Identity;

/// <summary>People: their profile, preferences and settings, and the data key that seals their secrets.</summary>
public sealed class IdentityModule : IModule
{
    internal const string Schema = "identity";

    /// <inheritdoc/>
    public string Name => Schema;

    /// <inheritdoc/>
    public void AddServices(IServiceCollection services, IConfiguration configuration) =>
        services.AddModule<IdentityDbContext>(contracts: typeof(GetUserDataKeyQuery).Assembly);

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder routes) =>
        routes.MapGroup("/api/v1/me").WithTags("Identity").RequireAuthorization().WithResourceFilters()
            .Map<GetMeEndpoint>()
            .Map<UpdateMeEndpoint>()
            .Map<GetPreferencesEndpoint>()
            .Map<UpdatePreferencesEndpoint>()
            .Map<GetSettingsEndpoint>()
            .Map<UpdateSettingsEndpoint>();
}
