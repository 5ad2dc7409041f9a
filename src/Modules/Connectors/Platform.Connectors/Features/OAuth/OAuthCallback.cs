using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Platform.Connectors.Domain;
using Platform.Connectors.Types;
using Platform.Connectors.Types.Http.OAuth;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.Connectors.Features.OAuth;

/// <summary>A browser comes back from a provider, without a token of ours: the state says who has sent it there.</summary>
internal sealed class OAuthCallbackEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/oauth/callback", HandleAsync).WithName("CompleteConnectorAuthorization").AllowAnonymous()
            .WithSummary("Where providers send browsers back to; answers with a page, or sends on to return_to")
            .Produces<string>(StatusCodes.Status200OK, "text/html").Produces(StatusCodes.Status302Found);

    private static async Task<IResult> HandleAsync(
        string? state, string? code, string? error, string? iss, HttpContext http, OAuthCallback callback)
    {
        // Not bound to the browser's patience: the state is taken, and the code is good once.
        var outcome = await callback.RunAsync(new OAuthAnswer(state, code, error, iss), CancellationToken.None);
        return OAuthPage.Answer(http, outcome);
    }
}

/// <summary>What a provider says through the browser. None of it is believed before the state is known.</summary>
internal sealed record OAuthAnswer(string? State, string? Code, string? Error, string? Issuer)
{
    /// <summary>Records print their members; this one must never print its secrets.</summary>
    public override string ToString() => nameof(OAuthAnswer);
}

/// <summary>How an authorization ended. Without a failure the connector is authorized.</summary>
internal sealed record OAuthOutcome(Guid? ConnectorId, string? ReturnTo, PlatformException? Failure);

/// <summary>Takes the state, gives the code for tokens, and keeps them. Only the first and the last step are transactions.</summary>
internal sealed class OAuthCallback(IServiceScopeFactory scopes, OAuthTokenClient client)
{
    private const int MaxTextLength = 8000;

    public async Task<OAuthOutcome> RunAsync(OAuthAnswer answer, CancellationToken cancellationToken)
    {
        OAuthAttempt attempt;
        try
        {
            if (answer.State is not { Length: > 0 and <= MaxTextLength } state)
            {
                throw OAuthState.Unknown();
            }

            var taking = new TakeAttemptCommand(AuthorizeConnectorHandler.HashOf(state));
            attempt = await SendAsync(Caller.System("connectors:oauth-callback"), taking, cancellationToken);
        }
        catch (PlatformException exception)
        {
            return new OAuthOutcome(null, null, exception);
        }

        var owner = Caller.User(attempt.UserId);
        try
        {
            await CompleteAsync(owner, attempt, answer, cancellationToken);
            return new OAuthOutcome(attempt.ConnectorId, attempt.ReturnTo, null);
        }
        catch (PlatformException exception)
        {
            await SendAsync(owner, new RecordRefusalCommand(attempt.ConnectorId, exception.Code, exception.Message), cancellationToken);
            return new OAuthOutcome(attempt.ConnectorId, attempt.ReturnTo, exception);
        }
    }

    private async Task CompleteAsync(Caller owner, OAuthAttempt attempt, OAuthAnswer answer, CancellationToken cancellationToken)
    {
        var exchange = await SendAsync(owner, new OpenExchangeQuery(attempt.Id), cancellationToken);
        if (answer.Issuer is { } issuer && !IsIssuer(exchange.Config, issuer))
        {
            throw new RuleViolationException(
                "oauth_issuer_mismatch", "The answer comes from another provider than the one that was asked.");
        }

        if (answer.Error == "access_denied")
        {
            throw new RuleViolationException("oauth_access_denied", "Access was not granted.");
        }

        if (answer.Error is not null || answer.Code is not { Length: > 0 and <= MaxTextLength } code)
        {
            throw new RuleViolationException(
                "oauth_refused", "The provider refused the request. The client, the scopes or the address may be wrong.");
        }

        await SendAsync(owner, new KeepGrantCommand(attempt.Id, await ExchangeAsync(exchange, code, cancellationToken)), cancellationToken);
    }

    private async Task<OAuthTokens> ExchangeAsync(OAuthExchange exchange, string code, CancellationToken cancellationToken)
    {
        try
        {
            return await client.ExchangeAsync(
                exchange.Config, exchange.Secret, code, exchange.Verifier, exchange.RedirectUri, cancellationToken);
        }
        catch (OAuthRefusedException exception)
        {
            throw new RuleViolationException("oauth_exchange_refused", $"The token address refused the code: {exception.Error}.");
        }
        catch (SourceException exception)
        {
            throw new RuleViolationException("oauth_exchange_failed", $"The token address gave no tokens: {exception.Message}");
        }
    }

    // RFC 9207. Whoever's issuer has another host than their pages says so in the config.
    private static bool IsIssuer(OAuthConfig config, string issuer)
    {
        if (config.Issuer is { } expected)
        {
            return issuer.TrimEnd('/') == expected.TrimEnd('/');
        }

        var asked = new Uri(config.AuthorizationUrl);
        return Uri.TryCreate(issuer, UriKind.Absolute, out var given)
            && Uri.Compare(given, asked, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;
    }

    private async Task<T> SendAsync<T>(Caller caller, IRequest<T> request, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = caller;
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(request, cancellationToken);
    }
}
