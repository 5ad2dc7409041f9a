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
            .AddSingleton<ExternalAccounts>()
            .AddSingleton<GitHubAddresses>()
            .AddSingleton<Authorize>()
            .AddSingleton<Callback>()
            .AddSingleton<UserIdentities>()
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
        services.AddSingleton<IStartupFilter>(new PublicAddress(options)).AddHostedService<ExternalProviders.Check>();
        services.AddOpenIddict().AddClient(client =>
        {
            client.AllowAuthorizationCodeFlow();
            client.DisableTokenStorage();
            client.SetStateTokenLifetime(FlowState.SignInTime);
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
        services.PostConfigure<OpenIddictClientAspNetCoreOptions>(client => client.CookieBuilder = new CorrelationCookie(client.CookieBuilder));
    }

    private static SymmetricSecurityKey Derive(LocalSupabaseOptions options, string purpose) => new(HKDF.DeriveKey(
        HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(options.JwtSecret), 32, info: Encoding.ASCII.GetBytes(purpose)));

    /// <summary>
    /// The cookie that binds a flow to a browser. A browser keeps no secure cookie of a plain address, and which address it is
    /// is known only with the request.
    /// </summary>
    private sealed class CorrelationCookie : CookieBuilder
    {
        public CorrelationCookie(CookieBuilder secure)
        {
            Name = secure.Name;
            HttpOnly = secure.HttpOnly;
            IsEssential = secure.IsEssential;
            SameSite = secure.SameSite;
            SecurePolicy = secure.SecurePolicy;
            MaxAge = secure.MaxAge;
            Expiration = secure.Expiration;
        }

        public override CookieOptions Build(HttpContext context, DateTimeOffset expiresFrom)
        {
            var cookie = base.Build(context, expiresFrom);
            if (!context.Request.IsHttps)
            {
                cookie.Secure = false;
                cookie.SameSite = SameSiteMode.Lax;
            }

            return cookie;
        }
    }

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
