using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using Platform.LocalSupabase.Auth.Audit;
using Platform.LocalSupabase.Auth.Sessions;
using Platform.LocalSupabase.Auth.Users;

namespace Platform.LocalSupabase.Auth.Mfa;

/// <summary>Removes a factor of the caller; a verified one takes a session that was raised.</summary>
internal sealed class UnenrollFactor(AuthDatabase database, MfaCaller callers, TimeProvider clock)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapDelete("/factors/{id}", (string id, HttpContext context, UnenrollFactor slice) => slice.HandleAsync(id, context));

    private async Task<IResult> HandleAsync(string id, HttpContext context)
    {
        var (user, sessionId) = await callers.RequireAsync(context);
        var factorId = MfaCaller.IdOf(id);
        await database.InTransactionAsync(
            connection => ApplyAsync(connection, user, sessionId, factorId, context), context.RequestAborted);
        return TypedResults.Json(new JsonObject { ["id"] = factorId.ToString() });
    }

    private async Task<bool> ApplyAsync(NpgsqlConnection connection, AuthUser user, Guid sessionId, Guid factorId, HttpContext context)
    {
        var session = await SessionRow.LockAsync(connection, sessionId, context.RequestAborted) ?? throw AuthException.SessionNotFound();
        var factor = await MfaCaller.FindAsync(connection, user, factorId, context.RequestAborted);
        if (factor.IsVerified && !session.IsSecondLevel)
        {
            throw MfaCaller.Refused("insufficient_aal", "AAL2 required to unenroll verified factor");
        }

        await connection.RemoveFactorAsync(factor.Id, context.RequestAborted);
        await connection.AuditAsync(
            context, clock.GetUtcNow(), "factor_unenrolled", user, new JsonObject { ["factor_id"] = factor.Id.ToString() });
        return true;
    }
}
