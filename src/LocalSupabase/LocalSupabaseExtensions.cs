using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Platform.LocalSupabase.Auth;
using Platform.LocalSupabase.Functions;
using Platform.LocalSupabase.Mail;
using Platform.LocalSupabase.Realtime;
using Platform.LocalSupabase.Rest;
using Platform.LocalSupabase.Storage;
using Platform.LocalSupabase.Tokens;

namespace Platform.LocalSupabase;

/// <summary>The one door of the embedded Supabase services.</summary>
public static class LocalSupabaseExtensions
{
    /// <summary>Registers the services. Nothing connects to the database before the first request.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="options">Keys, connection strings and switches.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddLocalSupabase(this IServiceCollection services, LocalSupabaseOptions options)
    {
        options.Auth.Validate();
        services.TryAddSingleton(TimeProvider.System);
        return services
            .AddSingleton(options)
            .AddSingleton(new SigningKeys(options))     // now, so that wrong keys stop the start
            .AddSingleton<TokenSigner>()
            .AddSingleton<TokenVerifier>()
            .AddAuth(options)
            .AddMail()
            .AddStorage()
            .AddRealtime()
            .AddFunctions()
            .AddRest();
    }

    /// <summary>
    /// Maps <c>auth/v1</c>, <c>storage/v1</c>, <c>realtime/v1</c>, <c>functions/v1</c>, <c>rest/v1</c> and the inbox under the root.
    /// </summary>
    /// <param name="routes">The host's routes.</param>
    /// <returns>The same routes.</returns>
    public static IEndpointRouteBuilder MapLocalSupabase(this IEndpointRouteBuilder routes)
    {
        routes.MapAuth();
        routes.MapInbox();
        routes.MapStorage();
        routes.MapRealtime();
        routes.MapFunctions();
        routes.MapRest();
        return routes;
    }
}
