using Microsoft.AspNetCore.Http;
using Npgsql;
using Platform.LocalSupabase.Auth.Sessions;
using Platform.LocalSupabase.Auth.Users;

namespace Platform.LocalSupabase.Auth.Flows;

internal sealed record PkceGrantRequest(string? AuthCode, string? CodeVerifier);

/// <summary>Trades the code of a completed flow for a session, for whoever knows the verifier.</summary>
internal sealed class PkceGrant(AuthDatabase database, SessionIssuer sessions, TimeProvider clock) : IGrant
{
    private static readonly TimeSpan CodeLifetime = TimeSpan.FromMinutes(5);

    public string GrantType => "pkce";

    public async Task<IResult> HandleAsync(HttpContext context)
    {
        var request = await AuthBody.ReadAsync<PkceGrantRequest>(context.Request);
        if (string.IsNullOrEmpty(request.AuthCode) || string.IsNullOrEmpty(request.CodeVerifier))
        {
            throw AuthException.Validation("invalid request: both auth code and code verifier should be non-empty");
        }

        return await database.InTransactionAsync(
            connection => TradeAsync(connection, request.AuthCode, request.CodeVerifier, context), context.RequestAborted);
    }

    private async Task<IResult> TradeAsync(NpgsqlConnection connection, string authCode, string verifier, HttpContext context)
    {
        var cancellationToken = context.RequestAborted;
        var flow = await connection.FindFlowByCodeForUpdateAsync(authCode, cancellationToken);
        if (flow is not { UserId: { } userId, AuthCodeIssuedAt: { } issuedAt, Challenge: { } challenge })
        {
            throw new AuthException(
                StatusCodes.Status404NotFound, "flow_state_not_found", "invalid flow state, no valid flow state found");
        }

        if (issuedAt + CodeLifetime <= clock.GetUtcNow())
        {
            throw new AuthException(
                StatusCodes.Status422UnprocessableEntity, "flow_state_expired", "invalid flow state, flow state has expired");
        }

        if (!challenge.IsMetBy(verifier))
        {
            throw new AuthException(
                StatusCodes.Status400BadRequest, "bad_code_verifier", "code challenge does not match previously saved code verifier");
        }

        var user = await connection.FindAsync(userId, cancellationToken)
            ?? throw AuthException.UserNotFound(StatusCodes.Status403Forbidden);
        if (user.IsBannedAt(clock.GetUtcNow()))
        {
            throw AuthException.UserBanned(StatusCodes.Status400BadRequest);
        }

        await connection.EndFlowAsync(flow.Id, cancellationToken);
        var session = await sessions.StartAsync(connection, user, flow.AuthenticationMethod, context);
        flow.AddProviderTokens(session);
        return TypedResults.Json(session);
    }
}
