using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using Platform.LocalSupabase.Auth.Flows;
using Platform.LocalSupabase.Auth.Limits;
using Platform.LocalSupabase.Auth.Sessions;
using Platform.LocalSupabase.Http;

namespace Platform.LocalSupabase.Auth.OneTime;

/// <summary>
/// The link in a mail. The browser goes on to the application: with a session in the fragment, which no server sees, or with a code that
/// only the application that began the flow can use.
/// </summary>
internal sealed class VerifyLink(
    AuthDatabase database, Verification verification, SessionIssuer sessions, RedirectTargets redirects, TimeProvider clock)
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/verify", (HttpContext context, VerifyLink slice) => slice.HandleAsync(context))
        .WithMetadata(new WithoutApiKey(), new LimitedByAddress(AddressLimit.Verifications));

    private async Task<IResult> HandleAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var token = (query.TryGetValue("token", out var given) ? given : query["token_hash"]).ToString();
        if (token.Length == 0)
        {
            throw AuthException.Validation("Verify requires a token or a token hash");
        }

        var type = VerifyToken.TypeOf(query["type"]);
        var target = redirects.Of(context);
        try
        {
            var location = await database.InTransactionAsync(
                connection => FollowAsync(connection, token, type, target, context), context.RequestAborted);
            return Go(context, location);
        }
        catch (AuthException exception)
        {
            return Go(context, RedirectUrl.WithError(
                target, exception, inQueryToo: token.StartsWith(OneTimeToken.PkcePrefix, StringComparison.Ordinal)));
        }
    }

    private async Task<string> FollowAsync(NpgsqlConnection connection, string token, string type, string target, HttpContext context)
    {
        var verified = await verification.SpendAsync(connection, token, type, address: null, context.RequestAborted);
        if (!verified.IsComplete)
        {
            return RedirectUrl.WithFragment(target, [("message", VerifyToken.HalfConfirmed)]);
        }

        if (verified.FlowMethod is not { } method)
        {
            var session = await sessions.StartAsync(connection, verified.User, "otp", context);
            return RedirectUrl.WithSession(target, session, type);
        }

        var flow = await connection.FindPendingFlowAsync(verified.User.Id, method, context.RequestAborted)
            ?? throw new AuthException(StatusCodes.Status404NotFound, "flow_state_not_found", "No valid flow state found for user.");
        await connection.CompleteFlowAsync(flow, verified.User.Id, clock.GetUtcNow(), context.RequestAborted);
        return RedirectUrl.WithQuery(target, [("code", flow.AuthCode)]);
    }

    private static StatusCodeHttpResult Go(HttpContext context, string location)
    {
        context.Response.Headers.Location = location;
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.StatusCode(StatusCodes.Status303SeeOther);
    }
}
