using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Platform.LocalSupabase.Auth.Mfa;

/// <summary>The second factors: the table of contents.</summary>
internal static class MfaEndpoints
{
    public static IServiceCollection AddMfa(this IServiceCollection services) => services
        .AddSingleton<MfaCaller>()
        .AddSingleton<EnrollFactor>()
        .AddSingleton<ChallengeFactor>()
        .AddSingleton<VerifyFactor>()
        .AddSingleton<UnenrollFactor>();

    public static void Map(IEndpointRouteBuilder routes)
    {
        EnrollFactor.Map(routes);
        ChallengeFactor.Map(routes);
        VerifyFactor.Map(routes);
        UnenrollFactor.Map(routes);
    }
}
