using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.LocalSupabase.Auth.Audit;
using Platform.LocalSupabase.Auth.Limits;

namespace Platform.LocalSupabase.Auth.Mfa;

/// <summary>Opens a challenge. Whatever body the client sends says nothing, so none is read.</summary>
internal sealed class ChallengeFactor(LocalSupabaseOptions options, AuthDatabase database, MfaCaller callers, TimeProvider clock)
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/factors/{id}/challenge", (string id, HttpContext context, ChallengeFactor slice) => slice.HandleAsync(id, context))
        .WithMetadata(new LimitedByAddress(AddressLimit.Factors));

    private async Task<IResult> HandleAsync(string id, HttpContext context)
    {
        var (user, _) = await callers.RequireAsync(context);
        callers.RequireVerification();
        await callers.CountAttemptAsync(user, context.RequestAborted);
        var factorId = MfaCaller.IdOf(id);
        var now = clock.GetUtcNow();
        var challengeId = Guid.CreateVersion7(now);
        var address = AuditLog.AddressOf(context) ?? IPAddress.None;
        await database.InTransactionAsync(
            async connection =>
            {
                var factor = await MfaCaller.FindAsync(connection, user, factorId, context.RequestAborted);
                await connection.InsertChallengeAsync(challengeId, factor.Id, address, now, context.RequestAborted);
                await connection.AuditAsync(context, now, "challenge_created", user, new JsonObject { ["factor_id"] = id });
                return factor;
            },
            context.RequestAborted);
        return TypedResults.Json(new JsonObject
        {
            ["id"] = challengeId.ToString(),
            ["type"] = "totp",
            ["expires_at"] = now.AddSeconds(options.Mfa.ExpirySeconds).ToUnixTimeSeconds(),
        });
    }
}
