using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using OpenIddict.Server.AspNetCore;

namespace Platform.LocalSupabase.Tests.Fixture;

/// <summary>Who signs in at the provider next.</summary>
internal sealed record ProviderAccount(string Subject, string? Email, bool EmailVerified, string Name = "Ada Lovelace");

/// <summary>A real OpenID Connect server on a free port. Whoever is sent to it is signed in as <see cref="Account"/>.</summary>
internal sealed class LocalProvider : IAsyncDisposable
{
    public const string ClientId = "the-client";
    public const string ClientSecret = "the-secret-of-the-client";

    private readonly RsaSecurityKey _key = new(RSA.Create(2048)) { KeyId = "provider-key" };
    private WebApplication _application = null!;

    public string Url { get; private set; } = "";

    /// <summary>Null refuses consent.</summary>
    public ProviderAccount? Account { get; set; }

    /// <summary>Whether a page asks for consent first, with a button for either answer.</summary>
    public bool ShowsPage { get; set; }

    public Dictionary<string, string> Settings => new() { ["issuer"] = $"{Url}/", ["client_id"] = ClientId, ["client_secret"] = ClientSecret };

    public static async Task<LocalProvider> StartAsync()
    {
        var provider = new LocalProvider();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddConsole().SetMinimumLevel(LogLevel.Error);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddOpenIddict().AddServer(provider.Configure);
        provider._application = builder.Build();
        provider._application.UseAuthentication();
        provider._application.MapGet("/connect/authorize", provider.Authorize);
        await provider._application.StartAsync();
        provider.Url = provider._application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return provider;
    }

    /// <summary>An identity token as an application on a phone would get it.</summary>
    public string SignIdToken(object claims, SecurityKey? key = null) =>
        new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(
            JsonSerializer.Serialize(claims), new SigningCredentials(key ?? _key, SecurityAlgorithms.RsaSha256));

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _key.Rsa.Dispose();
    }

    private void Configure(OpenIddictServerBuilder server)
    {
        server.SetAuthorizationEndpointUris("connect/authorize").SetTokenEndpointUris("connect/token").SetUserInfoEndpointUris("connect/userinfo");
        server.AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange();
        server.RegisterScopes("email", "profile", "extra");
        server.AddEphemeralEncryptionKey().AddSigningKey(_key);
        server.EnableDegradedMode();
        server.AddEventHandler<OpenIddictServerEvents.ValidateAuthorizationRequestContext>(handler => handler.UseInlineHandler(context =>
        {
            if (context.ClientId != ClientId || context.RedirectUri?.EndsWith("/auth/v1/callback", StringComparison.Ordinal) != true)
            {
                context.Reject(OpenIddictConstants.Errors.InvalidClient);
            }

            return ValueTask.CompletedTask;
        }));
        server.AddEventHandler<OpenIddictServerEvents.ValidateTokenRequestContext>(handler => handler.UseInlineHandler(context =>
        {
            if (context.ClientId != ClientId || context.ClientSecret != ClientSecret)
            {
                context.Reject(OpenIddictConstants.Errors.InvalidClient);
            }

            return ValueTask.CompletedTask;
        }));
        server.AddEventHandler<OpenIddictServerEvents.HandleUserInfoRequestContext>(handler => handler.UseInlineHandler(context =>
        {
            context.Claims["picture"] = new OpenIddictParameter("https://images.example/ada.png");
            return ValueTask.CompletedTask;
        }));
        server.UseAspNetCore().DisableTransportSecurityRequirement().EnableAuthorizationEndpointPassthrough();
    }

    private IResult Authorize(HttpContext context)
    {
        var consent = context.Request.Query["consent"].ToString();
        if (ShowsPage && consent.Length == 0)
        {
            return ConsentPage(context.Request.Query);
        }

        if (Account is not { } account || consent == "deny")
        {
            return Results.Forbid(
                new AuthenticationProperties(new Dictionary<string, string?>
                {
                    [OpenIddictServerAspNetCoreConstants.Properties.Error] = OpenIddictConstants.Errors.AccessDenied,
                    [OpenIddictServerAspNetCoreConstants.Properties.ErrorDescription] = "No consent.",
                }),
                [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
        }

        var identity = new ClaimsIdentity("provider");
        identity.SetClaim("sub", account.Subject).SetClaim("name", account.Name).SetClaim("email", account.Email);
        identity.SetClaim("email_verified", account.EmailVerified);
        identity.SetScopes(context.GetOpenIddictServerRequest()!.GetScopes());
        identity.SetDestinations(_ => [OpenIddictConstants.Destinations.AccessToken, OpenIddictConstants.Destinations.IdentityToken]);
        return Results.SignIn(new ClaimsPrincipal(identity), null, OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    }

    private static IResult ConsentPage(IQueryCollection query)
    {
        var request = string.Concat(query.Select(parameter => (Name: parameter.Key, Value: WebUtility.HtmlEncode(parameter.Value.ToString())))
            .Select(field => $"""<input type="hidden" name="{WebUtility.HtmlEncode(field.Name)}" value="{field.Value}">"""));
        return Results.Content(
            $"""
            <!doctype html><html lang="en"><title>Acme</title><h1>May the application know who you are?</h1>
            <form>{request}
            <button name="consent" value="allow">Allow</button><button name="consent" value="deny">Deny</button></form></html>
            """,
            "text/html; charset=utf-8");
    }
}
