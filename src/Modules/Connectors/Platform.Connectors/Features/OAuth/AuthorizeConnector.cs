using System.Security.Cryptography;
using System.Text;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Platform.Connectors.Domain;
using Platform.Connectors.Features.Connectors;
using Platform.Connectors.Persistence;
using Platform.Connectors.Types.Http.OAuth;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Connectors.Features.OAuth;

internal sealed class AuthorizeConnectorEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{id:guid}/oauth/authorize", HandleAsync).WithName("AuthorizeConnector")
            .WithSummary("Begin to authorize a connector: the answer names the page of the provider to open, within ten minutes");

    private static async Task<Ok<AuthorizeConnectorResponse>> HandleAsync(
        Guid id, AuthorizeConnectorBody? body, HttpContext http, IOptions<OAuthOptions> options, IMediator mediator,
        CancellationToken cancellationToken)
    {
        var request = http.Request;
        var callback = options.Value.CallbackUrl is { Length: > 0 } configured
            ? configured
            : $"{request.Scheme}://{request.Host}{request.PathBase}/api/v1/connectors/oauth/callback";
        var begun = await mediator.Send(new AuthorizeConnectorCommand(id, callback, body?.ReturnTo), cancellationToken);
        OAuthBrowser.Remember(http, begun.StateHash, begun.Response.ExpiresAt);
        return TypedResults.Ok(begun.Response);
    }
}

/// <param name="ReturnTo">Where to send the browser at the end; one of the addresses that the server allows.</param>
internal sealed record AuthorizeConnectorBody(string? ReturnTo = null);

internal sealed record AuthorizeConnectorCommand(Guid Id, string CallbackUrl, string? ReturnTo) : ICommand<BegunAuthorization>;

/// <param name="Response">What its owner is told.</param>
/// <param name="StateHash">Tells it from others.</param>
internal sealed record BegunAuthorization(AuthorizeConnectorResponse Response, string StateHash);

/// <param name="AuthorizationUrl">The page to open in a browser. It can be opened once.</param>
/// <param name="ExpiresAt">Until when the browser must have come back.</param>
internal sealed record AuthorizeConnectorResponse(string AuthorizationUrl, DateTimeOffset ExpiresAt)
{
    /// <summary>Records print their members; the address holds the state.</summary>
    public override string ToString() => nameof(AuthorizeConnectorResponse);
}

internal sealed class AuthorizeConnectorValidator : AbstractValidator<AuthorizeConnectorCommand>
{
    private const int MaxAddressLength = 2000;

    public AuthorizeConnectorValidator()
    {
        RuleFor(command => command.CallbackUrl).NotEmpty().MaximumLength(MaxAddressLength);
        RuleFor(command => command.ReturnTo).NotEmpty().MaximumLength(MaxAddressLength).When(command => command.ReturnTo is not null);
    }
}

internal sealed class AuthorizeConnectorHandler(
    ConnectorsDbContext db, Credentials credentials, IOptions<OAuthOptions> options, TimeProvider clock)
    : IRequestHandler<AuthorizeConnectorCommand, BegunAuthorization>
{
    private const string Verifier = "oauth_verifier";
    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method",
    };

    public static string HashOf(string state) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(state)));

    public static async Task<string> OpenVerifierAsync(
        Credentials credentials, OAuthAttempt attempt, CancellationToken cancellationToken) =>
        (await credentials.OpenAsync(
            attempt.ConnectorId, new Dictionary<string, string> { [Verifier] = attempt.VerifierSealed }, cancellationToken))[Verifier];

    public async Task<BegunAuthorization> Handle(AuthorizeConnectorCommand request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var connector = await db.Connectors.AsNoTracking().SingleOrDefaultAsync(one => one.Id == request.Id, cancellationToken)
            ?? throw ConnectorOpener.NotFound();
        var config = OAuthConfig.From(connector.Config)
            ?? throw new RuleViolationException("oauth_not_configured", "The connector's auth is not oauth2_authorization_code.");
        RuleViolationException.ThrowIf(
            request.ReturnTo is { } returnTo && !options.Value.Allows(returnTo),
            "oauth_return_not_allowed", "$.return_to", "The server sends no browser to this address.");

        var (state, verifier) = (Secret(), Secret());
        var sealedVerifier = (await credentials.SealAsync(
            connector.Id, new Dictionary<string, string> { [Verifier] = verifier }, cancellationToken))[Verifier];
        var attempt = OAuthAttempt.Begin(
            connector, HashOf(state), sealedVerifier, config.Key, request.CallbackUrl, request.ReturnTo, now);
        var forgotten = now.AddDays(-1);
        await db.OAuthAttempts.Where(old => old.ConnectorId == connector.Id && old.ExpiresAt < forgotten)
            .ExecuteDeleteAsync(cancellationToken);
        db.OAuthAttempts.Add(attempt);
        var address = AddressOf(config, request.CallbackUrl, state, verifier);
        return new BegunAuthorization(new AuthorizeConnectorResponse(address, attempt.ExpiresAt), attempt.StateHash);
    }

    private static string AddressOf(OAuthConfig config, string callbackUrl, string state, string verifier)
    {
        var query = config.Parameters.Where(parameter => !Reserved.Contains(parameter.Key))
            .ToDictionary(parameter => parameter.Key, parameter => (string?)parameter.Value, StringComparer.Ordinal);
        query["response_type"] = "code";
        query["client_id"] = config.ClientId;
        query["redirect_uri"] = callbackUrl;
        query["state"] = state;
        query["code_challenge"] = WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
        query["code_challenge_method"] = "S256";
        if (config.Scopes.Count > 0)
        {
            query["scope"] = string.Join(' ', config.Scopes);
        }

        return QueryHelpers.AddQueryString(config.AuthorizationUrl, query);
    }

    // 256 bits in 43 characters, which RFC 7636 allows for a verifier.
    private static string Secret() => WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(32));
}
