using System.Security.Claims;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Client;
using Platform.LocalSupabase.Auth.OneTime;
using Platform.LocalSupabase.Auth.Sessions;

namespace Platform.LocalSupabase.Auth.OAuth;

internal sealed record IdTokenGrantRequest(
    string? Provider, string? Issuer, string? ClientId, string? IdToken, string? AccessToken, string? Nonce, bool LinkIdentity);

/// <summary>Takes an identity token that the application got from a provider by itself, on a phone for instance.</summary>
internal sealed class IdTokenGrant(
    LocalSupabaseOptions options, AuthDatabase database, ExternalAccounts accounts, SessionIssuer sessions, Bearer bearer,
    RedirectTargets targets, TimeProvider clock, IServiceProvider services) : IGrant
{
    // Never a symmetric one: the secret would be one that the application knows.
    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512, SecurityAlgorithms.RsaSsaPssSha256,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };

    public string GrantType => "id_token";

    public async Task<IResult> HandleAsync(HttpContext context)
    {
        var request = await AuthBody.ReadAsync<IdTokenGrantRequest>(context.Request);
        if (string.IsNullOrEmpty(request.IdToken))
        {
            return Refuse("invalid request", "id_token required");
        }

        var linkingTarget = request.LinkIdentity ? (Guid?)(await bearer.RequireUserAsync(context)).User.Id : null;
        if (linkingTarget is not null && !options.OAuth.ManualLinking)
        {
            throw new AuthException(StatusCodes.Status404NotFound, "manual_linking_disabled", "Manual linking is disabled");
        }

        var provider = ProviderOf(request);
        var (identity, problem) = await VerifyAsync(provider, request, context.RequestAborted);
        if (identity is null || ExternalProfile.Of(provider, identity) is not { } profile)
        {
            return Refuse("invalid request", problem ?? "Missing sub claim in id_token");
        }

        return TypedResults.Json(await SignInAsync(profile, linkingTarget, context));
    }

    private async Task<JsonObject> SignInAsync(ExternalProfile profile, Guid? linkingTarget, HttpContext context)
    {
        var resolved = await database.InTransactionAsync(
            connection => accounts.ResolveAsync(connection, profile, linkingTarget, targets.Of(context), context.RequestAborted),
            context.RequestAborted);
        var user = resolved.OrRefuse();
        return await database.InTransactionAsync(
            connection => sessions.StartAsync(connection, user, "oauth", context), context.RequestAborted);
    }

    private string ProviderOf(IdTokenGrantRequest request)
    {
        var name = request.Provider;
        if (string.IsNullOrEmpty(name))
        {
            name = options.OAuth.Providers
                .FirstOrDefault(entry => entry.Value.GetValueOrDefault("issuer")?.TrimEnd('/') == request.Issuer?.TrimEnd('/')
                    && ClientIds(entry.Value).Contains(request.ClientId ?? ""))
                .Key;
        }

        return !string.IsNullOrEmpty(name) && options.OAuth.Providers.ContainsKey(name)
            ? name
            : throw new AuthException(
                StatusCodes.Status400BadRequest, "provider_disabled", $"Provider (issuer \"{request.Issuer ?? request.Provider}\") is not enabled");
    }

    // Applications on phones have client ids of their own; tokens for them are meant for this server too.
    private static string[] ClientIds(Dictionary<string, string> settings) =>
        $"{settings.GetValueOrDefault("client_id")},{settings.GetValueOrDefault("client_ids")}"
            .Split([',', ' '], StringSplitOptions.RemoveEmptyEntries);

    private async Task<(ClaimsIdentity? Identity, string? Problem)> VerifyAsync(
        string provider, IdTokenGrantRequest request, CancellationToken cancellationToken)
    {
        using var scope = services.CreateScope();
        var client = scope.ServiceProvider.GetRequiredService<OpenIddictClientService>();
        var registration = await client.GetClientRegistrationByProviderNameAsync(provider, cancellationToken);
        var configuration = await registration.ConfigurationManager!.GetConfigurationAsync(cancellationToken);
        if (configuration!.SigningKeys.Count == 0)
        {
            return (null, $"Provider {provider} has no keys to verify an id_token with");
        }

        var result = await _handler.ValidateTokenAsync(request.IdToken, new TokenValidationParameters
        {
            ValidIssuer = configuration.Issuer?.OriginalString,
            ValidIssuers = configuration.Issuer is { } issuer ? [issuer.OriginalString.TrimEnd('/'), $"{issuer.OriginalString.TrimEnd('/')}/"] : [],
            ValidAudiences = ClientIds(options.OAuth.Providers[provider]),
            IssuerSigningKeys = configuration.SigningKeys,
            ValidAlgorithms = Algorithms,
            LifetimeValidator = (notBefore, expires, _, _) =>
                expires > clock.GetUtcNow().UtcDateTime && !(notBefore > clock.GetUtcNow().UtcDateTime.AddSeconds(30)),
        });
        if (!result.IsValid)
        {
            return (null, "Bad ID token");
        }

        var token = (JsonWebToken)result.SecurityToken;
        return IdTokenChecks.ProblemOf(token, request.Nonce, request.AccessToken) is { } problem
            ? (null, problem)
            : (result.ClaimsIdentity, null);
    }

    private static JsonHttpResult<JsonObject> Refuse(string error, string description) => TypedResults.Json(
        new JsonObject { ["error"] = error, ["error_description"] = description }, statusCode: StatusCodes.Status400BadRequest);
}
