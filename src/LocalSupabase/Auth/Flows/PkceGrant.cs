using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Npgsql;
using Platform.LocalSupabase.Auth.Sessions;
using Platform.LocalSupabase.Auth.Users;

namespace Platform.LocalSupabase.Auth.Flows;

internal sealed record PkceGrantRequest(string? AuthCode, string? CodeVerifier);

/// <summary>Gives the session of a flow to whoever started it. A code is good once.</summary>
internal sealed class PkceGrant(AuthDatabase database, SessionIssuer sessions, TimeProvider clock) : IGrant
{
    public string GrantType => "pkce";

    public async Task<IResult> HandleAsync(HttpContext context)
    {
        var request = await AuthBody.ReadAsync<PkceGrantRequest>(context.Request);
        if (string.IsNullOrEmpty(request.AuthCode) || string.IsNullOrEmpty(request.CodeVerifier))
        {
            throw AuthException.Validation("invalid request: both auth code and code verifier should be non-empty");
        }

        return TypedResults.Json(await database.InTransactionAsync(
            connection => RedeemAsync(connection, request.AuthCode, request.CodeVerifier, context), context.RequestAborted));
    }

    private async Task<JsonObject> RedeemAsync(NpgsqlConnection connection, string code, string verifier, HttpContext context)
    {
        var flow = await connection.FindFlowByCodeForUpdateAsync(code, context.RequestAborted);
        if (flow?.UserId is not { } userId)
        {
            throw new AuthException(StatusCodes.Status404NotFound, "flow_state_not_found", "invalid flow state, no valid flow state found");
        }

        if (flow.IsExpiredAt(clock.GetUtcNow()))
        {
            throw new AuthException(StatusCodes.Status422UnprocessableEntity, "flow_state_expired", "invalid flow state, flow state has expired");
        }

        if (flow.Challenge?.IsAnsweredBy(verifier) != true)
        {
            throw new AuthException(
                StatusCodes.Status400BadRequest, "bad_code_verifier", "code challenge does not match previously saved code verifier");
        }

        var user = await connection.FindAsync(userId, context.RequestAborted) ?? throw AuthException.UserNotFound(StatusCodes.Status403Forbidden);
        if (user.IsBannedAt(clock.GetUtcNow()))
        {
            throw AuthException.UserBanned(StatusCodes.Status400BadRequest);
        }

        await connection.DeleteFlowAsync(flow.Id, context.RequestAborted);
        var session = await sessions.StartAsync(connection, user, flow.AuthenticationMethod, context);
        Add(session, "provider_token", flow.ProviderAccessToken);
        Add(session, "provider_refresh_token", flow.ProviderRefreshToken);
        return session;
    }

    private static void Add(JsonObject session, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            session[name] = value;
        }
    }
}
