using System.Collections.Concurrent;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using OpenIddict.Server.AspNetCore;
using Answers = Microsoft.AspNetCore.Http.Results;

namespace Platform.Connectors.Tests.Sources;

/// <summary>
/// A real OAuth server on a free port, with an API behind it. Whoever is sent to it is signed in. Each renewal gives a new refresh token;
/// an old one is taken once more within <see cref="Leeway"/>, and later for a theft that ends the grant.
/// </summary>
internal sealed class OAuthProvider : IAsyncDisposable
{
    public const string ClientId = "the-client";
    public const string ClientSecret = "the secret: of % the client";

    // Making a key takes longer than most tests.
    private static readonly RsaSecurityKey SigningKey = new(RSA.Create(2048)) { KeyId = "provider" };
    private static readonly SymmetricSecurityKey EncryptionKey = new(RandomNumberGenerator.GetBytes(32));

    private readonly ConcurrentDictionary<string, DateTimeOffset?> _rotations = new();
    private WebApplication _app = null!;
    private int _running;

    public string Url => _app.Urls.First();

    /// <summary>Whether the person says no.</summary>
    public bool Denies { get; set; }

    /// <summary>Whether nothing is renewed any more.</summary>
    public bool IsRevoked { get; set; }

    /// <summary>Whether clients must show the secret.</summary>
    public bool IsConfidential { get; set; }

    public TimeSpan Leeway { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many answers of the token address are made and never arrive.</summary>
    public int LosesAnswers { get; set; }

    /// <summary>How many requests to the token address fail before they are looked at.</summary>
    public int Failures { get; set; }

    public TimeSpan TokenDelay { get; set; }

    /// <summary>The kinds of grant that the token address was asked for.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>Every token that was given.</summary>
    public ConcurrentQueue<string> Given { get; } = new();

    /// <summary>Access tokens that the API takes.</summary>
    public ConcurrentDictionary<string, bool> Accepted { get; } = new();

    public int MostAtOnce { get; private set; }

    public static async Task<OAuthProvider> StartAsync(int accessSeconds = 3600)
    {
        var provider = new OAuthProvider();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddOpenIddict().AddServer(server => provider.Configure(server, accessSeconds));
        var app = provider._app = builder.Build();
        app.Use(provider.InterfereAsync);
        app.UseAuthentication();
        app.MapGet("/connect/authorize", provider.Authorize);
        app.MapPost("/connect/token", (Delegate)provider.GrantAsync);
        app.MapGet("/orders", provider.Orders);
        await app.StartAsync();
        return provider;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private void Configure(OpenIddictServerBuilder server, int accessSeconds)
    {
        server.SetAuthorizationEndpointUris("connect/authorize").SetTokenEndpointUris("connect/token");
        server.AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange().AllowRefreshTokenFlow();
        server.RegisterScopes("orders", OpenIddictConstants.Scopes.OfflineAccess);
        server.SetAccessTokenLifetime(TimeSpan.FromSeconds(accessSeconds));
        server.AddEncryptionKey(EncryptionKey).AddSigningKey(SigningKey);
        server.EnableDegradedMode();
        server.AddEventHandler<OpenIddictServerEvents.ValidateAuthorizationRequestContext>(handler => handler.UseInlineHandler(context =>
        {
            var comesBack = context.RedirectUri?.EndsWith("/api/v1/connectors/oauth/callback", StringComparison.Ordinal) == true;
            if (context.ClientId != ClientId || !comesBack)
            {
                context.Reject(OpenIddictConstants.Errors.InvalidClient);
            }

            return ValueTask.CompletedTask;
        }));
        server.AddEventHandler<OpenIddictServerEvents.ValidateTokenRequestContext>(handler => handler.UseInlineHandler(context =>
        {
            if (context.ClientId != ClientId || (IsConfidential && context.ClientSecret != ClientSecret))
            {
                context.Reject(OpenIddictConstants.Errors.InvalidClient);
            }

            return ValueTask.CompletedTask;
        }));
        server.AddEventHandler<OpenIddictServerEvents.ApplyTokenResponseContext>(handler => handler.UseInlineHandler(context =>
        {
            if (context.Response.AccessToken is { } access)
            {
                Accepted[access] = true;
                Given.Enqueue(access);
            }

            if (context.Response.RefreshToken is { } refresh)
            {
                Given.Enqueue(refresh);
            }

            return ValueTask.CompletedTask;
        }));
        server.UseAspNetCore().DisableTransportSecurityRequirement()
            .EnableAuthorizationEndpointPassthrough().EnableTokenEndpointPassthrough();
    }

    private async Task InterfereAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Path != "/connect/token")
        {
            await next(context);
            return;
        }

        var running = Interlocked.Increment(ref _running);
        MostAtOnce = Math.Max(MostAtOnce, running);
        try
        {
            await Task.Delay(TokenDelay);
            if (Failures-- > 0)
            {
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                return;
            }

            var loses = LosesAnswers-- > 0;
            var body = context.Response.Body;
            context.Response.Body = loses ? new MemoryStream() : body;
            await next(context);
            context.Response.Body = body;
            if (loses)
            {
                context.Abort();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    private IResult Authorize(HttpContext context)
    {
        if (Denies)
        {
            return Refuse(OpenIddictConstants.Errors.AccessDenied);
        }

        var identity = new ClaimsIdentity("provider");
        identity.SetClaim("sub", "ada");
        identity.SetScopes(context.GetOpenIddictServerRequest()!.GetScopes());
        identity.SetDestinations(_ => []);
        return Answers.SignIn(new ClaimsPrincipal(identity), null, OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    }

    private async Task<IResult> GrantAsync(HttpContext context)
    {
        var request = context.GetOpenIddictServerRequest()!;
        Asked.Enqueue(request.GrantType!);
        var principal = (await context.AuthenticateAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme)).Principal!;
        if (request.IsRefreshTokenGrantType() && (IsRevoked || !MayRotate(principal.GetClaim("rotation")!)))
        {
            return Refuse(OpenIddictConstants.Errors.InvalidGrant);
        }

        var rotation = Guid.CreateVersion7().ToString();
        _rotations[rotation] = null;
        principal.SetClaim("rotation", rotation);
        return Answers.SignIn(principal, null, OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    }

    private bool MayRotate(string rotation)
    {
        var now = TimeProvider.System.GetUtcNow();
        if (_rotations.TryGetValue(rotation, out var usedAt) && usedAt is null)
        {
            _rotations[rotation] = now;
            return true;
        }

        if (usedAt is { } last && now - last <= Leeway)
        {
            return true;
        }

        IsRevoked = true;
        return false;
    }

    private IResult Orders(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith("Bearer ", StringComparison.Ordinal) && Accepted.GetValueOrDefault(header["Bearer ".Length..])
            ? Answers.Json(new[] { new { id = 1, total = 1.5 }, new { id = 2, total = 3.0 } })
            : Answers.StatusCode(401);
    }

    private static IResult Refuse(string error) => Answers.Forbid(
        new AuthenticationProperties(new Dictionary<string, string?> { [OpenIddictServerAspNetCoreConstants.Properties.Error] = error }),
        [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
}
