using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Client;
using OpenIddict.Client.AspNetCore;
using Platform.LocalSupabase.Auth.Flows;
using Platform.LocalSupabase.Auth.Sessions;

namespace Platform.LocalSupabase.Auth.OAuth;

/// <summary>Signing in with accounts elsewhere: the table of contents. The protocol with providers is the library's.</summary>
internal static class OAuthEndpoints
{
    public static IServiceCollection AddOAuth(this IServiceCollection services, LocalSupabaseOptions options)
    {
        services
            .AddSingleton<RedirectTargets>()
            .AddSingleton<ExternalAccounts>()
            .AddSingleton<GitHubAddresses>()
            .AddSingleton<Authorize>()
            .AddSingleton<Callback>()
            .AddSingleton<UserIdentities>()
            .AddSingleton<IGrant, PkceGrant>()
            .AddSingleton<IGrant, IdTokenGrant>()
            .AddHttpClient();
        if (options.OAuth.Providers.Count > 0)
        {
            AddClient(services, options);
        }

        return services;
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        Authorize.Map(routes);
        Callback.Map(routes);
        UserIdentities.Map(routes);
    }

    private static void AddClient(IServiceCollection services, LocalSupabaseOptions options)
    {
        services.AddSingleton<IStartupFilter>(new PublicAddress(options));
        services.AddOpenIddict().AddClient(client =>
        {
            client.AllowAuthorizationCodeFlow();
            client.DisableTokenStorage();
            client.SetStateTokenLifetime(FlowState.Lifetime);
            client.SetRedirectionEndpointUris(ExternalProviders.CallbackPath);
            // Derived, so that a flow may end on another node or after a restart.
            client.AddEncryptionKey(Derive(options, "oauth state encryption"));
            client.AddSigningKey(Derive(options, "oauth state signature"));
            client.AddEventHandler<OpenIddictClientEvents.ProcessChallengeContext>(handler => handler
                .UseInlineHandler(Authorize.AddScopes)
                .SetOrder(OpenIddictClientHandlers.AttachScopes.Descriptor.Order + 1));
            client.UseSystemNetHttp();
            client.UseAspNetCore()
                .EnableRedirectionEndpointPassthrough()
                .EnableErrorPassthrough()
                .DisableTransportSecurityRequirement()     // TLS ends in front of the host, where there is any
                .DisableAutomaticAuthenticationSchemeForwarding();
            foreach (var (name, settings) in options.OAuth.Providers)
            {
                ExternalProviders.Add(client, name, settings);
            }
        });
        services.AddOptions<OpenIddictClientAspNetCoreOptions>().PostConfigure<LocalSupabaseOptions>((cookies, local) =>
        {
            if (!local.Url().StartsWith("https:", StringComparison.OrdinalIgnoreCase))
            {
                // A browser keeps no secure cookie of a plain address.
                cookies.CookieBuilder.SecurePolicy = CookieSecurePolicy.SameAsRequest;
                cookies.CookieBuilder.SameSite = SameSiteMode.Lax;
            }
        });
    }

    private static SymmetricSecurityKey Derive(LocalSupabaseOptions options, string purpose) => new(HKDF.DeriveKey(
        HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(options.JwtSecret), 32, info: Encoding.ASCII.GetBytes(purpose)));

    /// <summary>Providers send browsers to the public URL, so these requests count as made there, whatever proxy is in between.</summary>
    private sealed class PublicAddress(LocalSupabaseOptions options) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((context, proceed) =>
            {
                if (context.Request.Path.StartsWithSegments("/auth/v1", StringComparison.OrdinalIgnoreCase)
                    && Uri.TryCreate(options.Url(), UriKind.Absolute, out var url))
                {
                    context.Request.Scheme = url.Scheme;
                    context.Request.Host = new HostString(url.Authority);
                }

                return proceed(context);
            });
            next(app);
        };
    }
}
