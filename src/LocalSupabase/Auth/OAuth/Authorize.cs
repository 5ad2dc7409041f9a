using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OpenIddict.Client;
using OpenIddict.Client.AspNetCore;
using Platform.LocalSupabase.Auth.Flows;
using Platform.LocalSupabase.Auth.OneTime;
using Platform.LocalSupabase.Http;

namespace Platform.LocalSupabase.Auth.OAuth;

/// <summary>
/// Sends a browser to a provider. The flow's row is written first; the library's state, which is bound to the browser by a cookie,
/// leads back to it.
/// </summary>
internal sealed class Authorize(LocalSupabaseOptions options, AuthDatabase database, RedirectTargets targets, TimeProvider clock)
{
    private const string ScopesItem = "scopes";

    // Ours, or not for a caller to say. The rest is passed on to the provider.
    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "provider", "redirect_to", "scopes", "flow", "apikey", "skip_http_redirect", "invite_token", "code_challenge", "code_challenge_method",
        "client_id", "client_secret", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce", "request", "request_uri", "code",
        "grant_type", "registration", "client_assertion", "client_assertion_type", "id_token_hint", "code_verifier",
    };

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/authorize", (HttpContext context, Authorize slice) => slice.HandleAsync(context)).WithMetadata(new WithoutApiKey());

    public static ValueTask AddScopes(OpenIddictClientEvents.ProcessChallengeContext context)
    {
        var properties = context.Transaction.GetProperty<AuthenticationProperties>(typeof(AuthenticationProperties).FullName!);
        if (properties?.Items.TryGetValue(ScopesItem, out var scopes) == true && scopes is not null)
        {
            context.Scopes.UnionWith(scopes.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries));
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Writes the flow that a browser may then follow with <c>/authorize?flow=</c>.</summary>
    public async Task<FlowState> StartAsync(HttpContext context, Guid? linkingTarget)
    {
        var query = context.Request.Query;
        var provider = query["provider"].ToString();
        if (!options.OAuth.Providers.ContainsKey(provider))
        {
            throw AuthException.Validation("Unsupported provider: provider is not enabled");
        }

        var challenge = CodeChallenge.Parse(query["code_challenge"], query["code_challenge_method"]);
        var flow = FlowState.Begin(challenge, provider, "oauth", userId: null, targets.Of(context), clock.GetUtcNow()) with
        {
            LinkingTargetId = linkingTarget,
        };
        await using var connection = await database.OpenAsync(context.RequestAborted);
        await connection.BeginFlowAsync(flow, context.RequestAborted);
        return flow;
    }

    private async Task<IResult> HandleAsync(HttpContext context)
    {
        var flow = context.Request.Query.ContainsKey("flow") ? await ResumeAsync(context) : await StartAsync(context, linkingTarget: null);
        var properties = new AuthenticationProperties { RedirectUri = Callback.PlaceOf(flow.Id) };
        properties.Items[OpenIddictClientAspNetCoreConstants.Properties.ProviderName] = flow.ProviderType;
        properties.Items[ScopesItem] = context.Request.Query["scopes"].ToString();
        foreach (var (name, value) in context.Request.Query.Where(parameter => !Reserved.Contains(parameter.Key)))
        {
            properties.Parameters[name] = value.ToString();
        }

        // Here and not as a result: a provider that cannot be reached is a failure like any other.
        await context.ChallengeAsync(OpenIddictClientAspNetCoreDefaults.AuthenticationScheme, properties);
        return TypedResults.Empty;
    }

    private async Task<FlowState> ResumeAsync(HttpContext context)
    {
        var flow = Guid.TryParseExact(context.Request.Query["flow"], "D", out var id)
            ? await database.InTransactionAsync(connection => connection.FindFlowForUpdateAsync(id, context.RequestAborted), context.RequestAborted)
            : null;
        return flow is { LinkingTargetId: not null } && flow.IsOpenAt(clock.GetUtcNow())
            ? flow
            : throw new AuthException(StatusCodes.Status404NotFound, "flow_state_not_found", "invalid flow state, no valid flow state found");
    }
}
