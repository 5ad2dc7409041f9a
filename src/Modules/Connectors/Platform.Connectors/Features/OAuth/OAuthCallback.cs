using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Platform.Connectors.Domain;
using Platform.Connectors.Types;
using Platform.Connectors.Types.Http.OAuth;
using Platform.Identity.Contracts.Queries;
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
        var answer = new OAuthAnswer(state, code, error, iss);
        var question = code is not null && OAuthPage.IsWanted(http) && !OAuthBrowser.Knows(http, answer.StateHash)
            ? await callback.AskAsync(answer, http.RequestAborted)
            : null;
        return question is null ? await AnswerAsync(http, callback, answer) : OAuthPage.Ask(http, answer, question);
    }

    public static async Task<IResult> AnswerAsync(HttpContext http, OAuthCallback callback, OAuthAnswer answer)
    {
        OAuthBrowser.Forget(http, answer.StateHash);
        // Not bound to the browser's patience: the state is taken, and the code is good once.
        return OAuthPage.Answer(http, await callback.RunAsync(answer, CancellationToken.None));
    }
}

/// <summary>Somebody whose browser had not begun the authorization has said that it is to go on.</summary>
internal sealed class OAuthConfirmationEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/oauth/callback", HandleAsync).WithName("ConfirmConnectorAuthorization").AllowAnonymous()
            .WithSummary("The form that /oauth/callback shows to a browser that did not begin the authorization")
            .Produces<string>(StatusCodes.Status200OK, "text/html").Produces(StatusCodes.Status302Found);

    private static async Task<IResult> HandleAsync(HttpContext http, OAuthCallback callback)
    {
        var form = http.Request.HasFormContentType ? await http.Request.ReadFormAsync(http.RequestAborted) : FormCollection.Empty;
        return await OAuthCallbackEndpoint.AnswerAsync(http, callback, new OAuthAnswer(form["state"], form["code"], null, form["iss"]));
    }
}

/// <summary>What a provider says through the browser. None of it is believed before the state is known.</summary>
internal sealed record OAuthAnswer(string? State, string? Code, string? Error, string? Issuer)
{
    /// <summary>Records print their members; this one must never print its secrets.</summary>
    public override string ToString() => nameof(OAuthAnswer);

    /// <summary>Finds the authorization that it belongs to, without telling of it.</summary>
    public string StateHash => AuthorizeConnectorHandler.HashOf(State ?? "");
}

/// <summary>Which connector somebody is about to let in, and whose it is.</summary>
internal sealed record OAuthQuestion(string Connector, string? OwnerAddress, string? ReturnTo);

/// <summary>How an authorization ended. Without a failure the connector is authorized.</summary>
internal sealed record OAuthOutcome(Guid? ConnectorId, string? ReturnTo, PlatformException? Failure);

/// <summary>Takes the state, gives the code for tokens, and keeps them. Only the first and the last step are transactions.</summary>
internal sealed class OAuthCallback(IServiceScopeFactory scopes, OAuthTokenClient client)
{
    private const int MaxTextLength = 8000;
    private static readonly Caller Browser = Caller.System("connectors:oauth-callback");

    /// <summary>What to ask of whoever did not begin it; null if there is nothing that could be answered.</summary>
    public async Task<OAuthQuestion?> AskAsync(OAuthAnswer answer, CancellationToken cancellationToken)
    {
        if (await SendAsync(Browser, new FindOpenAttemptQuery(answer.StateHash), cancellationToken) is not { } attempt)
        {
            return null;
        }

        var owner = Caller.User(attempt.UserId);
        var name = await SendAsync(owner, new NameConnectorQuery(attempt.ConnectorId), cancellationToken);
        var mail = await SendAsync(owner, new GetMailAddressQuery(), cancellationToken);
        return new OAuthQuestion(name, mail.Address, attempt.ReturnTo);
    }

    public async Task<OAuthOutcome> RunAsync(OAuthAnswer answer, CancellationToken cancellationToken)
    {
        OAuthAttempt attempt;
        try
        {
            attempt = answer.State is { Length: > 0 and <= MaxTextLength }
                ? await SendAsync(Browser, new TakeAttemptCommand(answer.StateHash), cancellationToken)
                : throw OAuthState.Unknown();
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
