using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using OpenIddict.Abstractions;
using OpenIddict.Client;
using OpenIddict.Client.AspNetCore;
using Platform.LocalSupabase.Auth.Flows;
using Platform.LocalSupabase.Auth.Sessions;
using Platform.LocalSupabase.Auth.Users;
using Platform.LocalSupabase.Http;
using ProviderTokens = OpenIddict.Client.AspNetCore.OpenIddictClientAspNetCoreConstants.Tokens;

namespace Platform.LocalSupabase.Auth.OAuth;

/// <summary>The browser comes back. Whatever happens, it is sent on to the application with an answer it can read.</summary>
internal sealed class Callback(
    AuthDatabase database, ExternalAccounts accounts, GitHubAddresses gitHub, SessionIssuer sessions, LocalSupabaseOptions options,
    TimeProvider clock)
{
    private const string Place = "/flow/";

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapMethods(
            "/callback", [HttpMethods.Get, HttpMethods.Post], (HttpContext context, Callback slice) => slice.HandleAsync(context))
            .AddEndpointFilter((context, next) =>
            {
                // The library has set the status of a failure already, at which no handler would be called.
                context.HttpContext.Response.StatusCode = StatusCodes.Status200OK;
                return next(context);
            })
            .WithMetadata(new WithoutApiKey());

    /// <summary>How the library's state names the flow.</summary>
    public static string PlaceOf(Guid flowId) => $"{Place}{flowId}";

    private async Task<IResult> HandleAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        var transaction = context.Features.Get<OpenIddictClientAspNetCoreFeature>()?.Transaction;
        var authentication = transaction?.GetProperty<OpenIddictClientEvents.ProcessAuthenticationContext>(
            typeof(OpenIddictClientEvents.ProcessAuthenticationContext).FullName!);
        var place = authentication?.StateTokenPrincipal?.GetClaim(OpenIddictConstants.Claims.TargetLinkUri);
        if (place?.StartsWith(Place, StringComparison.Ordinal) != true || !Guid.TryParseExact(place[Place.Length..], "D", out var flowId)
            || await TakeAsync(flowId, context.RequestAborted) is not { } flow)
        {
            return Fail(options.SiteUrl, "invalid_request", "bad_oauth_state", "OAuth state is invalid, has expired or was used");
        }

        var url = flow.Referrer ?? options.SiteUrl;
        if (authentication!.IsRejected)
        {
            return Rejected(context, url, authentication);
        }

        try
        {
            return await SignInAsync(context, flow, url);
        }
        catch (PostgresException exception) when (exception.ConstraintName == "users_email_partial_key")
        {
            return Refused(url, AuthException.EmailExists());
        }
        catch (AuthException exception)
        {
            return Refused(url, exception);
        }
    }

    /// <summary>A flow comes back once. It stays taken, however the rest goes.</summary>
    private Task<FlowState?> TakeAsync(Guid id, CancellationToken cancellationToken) => database.InTransactionAsync(
        async connection =>
        {
            var flow = await connection.FindFlowForUpdateAsync(id, cancellationToken);
            if (flow is null || !flow.IsOpenAt(clock.GetUtcNow()))
            {
                return null;
            }

            await connection.EndFlowAsync(id, cancellationToken);
            return flow;
        },
        cancellationToken);

    // The provider's own words where there are some; a browser that is another than the one that began says nothing of the provider.
    private static RedirectHttpResult Rejected(
        HttpContext context, string url, OpenIddictClientEvents.ProcessAuthenticationContext authentication)
    {
        var query = context.Request.Query;
        return query["error"] is [{ Length: > 0 } error, ..]
            ? Fail(url, error, "bad_oauth_callback", query["error_description"].ToString())
            : Fail(
                url, authentication.Error ?? "server_error", "bad_oauth_callback",
                authentication.ErrorDescription ?? "Unable to exchange external code");
    }

    private static RedirectHttpResult Fail(string url, string error, string code, string description) =>
        TypedResults.Redirect(RedirectUrl.WithError(url, error, code, description, inQueryToo: true));

    private static RedirectHttpResult Refused(string url, AuthException exception) =>
        TypedResults.Redirect(RedirectUrl.WithError(url, exception, inQueryToo: true));

    private async Task<IResult> SignInAsync(HttpContext context, FlowState flow, string url)
    {
        var result = await context.AuthenticateAsync(OpenIddictClientAspNetCoreDefaults.AuthenticationScheme);
        if (result.Principal?.Identity is not ClaimsIdentity identity || ExternalProfile.Of(flow.ProviderType, identity) is not { } read)
        {
            throw new AuthException(
                StatusCodes.Status500InternalServerError, "unexpected_failure", "Error getting user profile from external provider");
        }

        var accessToken = result.Properties?.GetTokenValue(ProviderTokens.BackchannelAccessToken);
        var profile = await gitHub.CompleteAsync(read, accessToken, context.RequestAborted);
        var resolved = await database.InTransactionAsync(
            connection => accounts.ResolveAsync(connection, profile, flow.LinkingTargetId, url, context.RequestAborted),
            context.RequestAborted);
        var user = resolved.OrRefuse();
        var completed = flow with
        {
            UserId = user.Id,
            ProviderAccessToken = accessToken,
            ProviderRefreshToken = result.Properties?.GetTokenValue(ProviderTokens.RefreshToken),
        };
        return flow.Challenge is null
            ? await AnswerAsync(context, url, user, completed)
            : await HandCodeAsync(url, completed, context.RequestAborted);
    }

    private async Task<IResult> AnswerAsync(HttpContext context, string url, AuthUser user, FlowState flow)
    {
        var session = await database.InTransactionAsync(
            connection => sessions.StartAsync(connection, user, flow.AuthenticationMethod, context), context.RequestAborted);
        flow.AddProviderTokens(session);
        return TypedResults.Redirect(RedirectUrl.WithSession(url, session, type: null));
    }

    private async Task<IResult> HandCodeAsync(string url, FlowState flow, CancellationToken cancellationToken)
    {
        await database.InTransactionAsync(
            async connection =>
            {
                await connection.BeginFlowAsync(flow, cancellationToken);
                await connection.CompleteFlowAsync(flow, flow.UserId!.Value, clock.GetUtcNow(), cancellationToken);
                return flow;
            },
            cancellationToken);
        return TypedResults.Redirect(RedirectUrl.WithQuery(url, [("code", flow.AuthCode)]));
    }
}
