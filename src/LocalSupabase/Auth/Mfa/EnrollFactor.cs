using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using Platform.LocalSupabase.Auth.Audit;
using Platform.LocalSupabase.Auth.Sessions;
using Platform.LocalSupabase.Auth.Users;

namespace Platform.LocalSupabase.Auth.Mfa;

internal sealed record EnrollFactorRequest(string? FactorType, string? FriendlyName, string? Issuer);

/// <summary>Gives a user the secret of a new factor. It counts once a code of it was verified.</summary>
internal sealed class EnrollFactor(LocalSupabaseOptions options, AuthDatabase database, MfaCaller callers, TimeProvider clock)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/factors", (HttpContext context, EnrollFactor slice) => slice.HandleAsync(context));

    private async Task<IResult> HandleAsync(HttpContext context)
    {
        var (user, sessionId) = await callers.RequireAsync(context);
        var request = await AuthBody.ReadAsync<EnrollFactorRequest>(context.Request);
        CheckType(request.FactorType);

        var id = Guid.CreateVersion7(clock.GetUtcNow());
        var secret = TotpSecret.New();
        try
        {
            await database.InTransactionAsync(
                connection => StoreAsync(connection, user, sessionId, id, request.FriendlyName, secret, context), context.RequestAborted);
        }
        catch (PostgresException exception) when (exception.ConstraintName == "mfa_factors_user_friendly_name_unique")
        {
            throw NameTaken(request.FriendlyName);
        }

        var issuer = string.IsNullOrEmpty(request.Issuer) ? new Uri(options.Url()).Authority : request.Issuer;
        var uri = secret.Uri(issuer, string.IsNullOrEmpty(user.Email) ? user.Phone ?? "" : user.Email);
        return TypedResults.Json(new JsonObject
        {
            ["id"] = id.ToString(),
            ["type"] = "totp",
            ["friendly_name"] = request.FriendlyName ?? "",
            ["totp"] = new JsonObject { ["qr_code"] = TotpSecret.QrCode(uri), ["secret"] = secret.Base32, ["uri"] = uri },
        });
    }

    private void CheckType(string? type)
    {
        switch (type)
        {
            case "totp" when options.Mfa.TotpEnrollEnabled:
                return;
            case "totp":
                throw MfaCaller.Refused("mfa_totp_enroll_not_enabled", "MFA enroll is disabled for TOTP");
            case "phone":
                throw MfaCaller.Refused("mfa_phone_enroll_not_enabled", "MFA enroll is disabled for Phone");
            case "webauthn":
                throw MfaCaller.Refused("mfa_webauthn_enroll_not_enabled", "MFA enroll is disabled for WebAuthn");
            default:
                throw AuthException.Validation("factor_type needs to be totp, phone, or webauthn");
        }
    }

    private async Task<bool> StoreAsync(
        NpgsqlConnection connection, AuthUser user, Guid sessionId, Guid id, string? friendlyName, TotpSecret secret, HttpContext context)
    {
        var now = clock.GetUtcNow();
        var session = await SessionRow.LockAsync(connection, sessionId, context.RequestAborted) ?? throw AuthException.SessionNotFound();
        await connection.FindForUpdateAsync(user.Id, context.RequestAborted);     // two enrolments count one after the other
        await connection.DropExpiredFactorsAsync(user.Id, now.AddSeconds(-options.Mfa.ExpirySeconds), context.RequestAborted);
        var factors = await connection.FactorsOfAsync(user.Id, context.RequestAborted);
        if (factors.Count >= options.Mfa.MaxEnrolledFactors)
        {
            throw MfaCaller.Refused("too_many_enrolled_mfa_factors", "Maximum number of verified factors reached, unenroll to continue");
        }

        if (!string.IsNullOrWhiteSpace(friendlyName) && factors.Any(factor => factor.FriendlyName == friendlyName))
        {
            throw NameTaken(friendlyName);
        }

        if (factors.Any(factor => factor.IsVerified) && !session.IsSecondLevel)
        {
            throw new AuthException(StatusCodes.Status403Forbidden, "insufficient_aal", "AAL2 required to enroll a new factor");
        }

        await connection.InsertFactorAsync(id, user.Id, friendlyName, secret.Base32, now, context.RequestAborted);
        await connection.AuditAsync(context, now, "factor_in_progress", user, new JsonObject { ["factor_id"] = id.ToString() });
        return true;
    }

    private static AuthException NameTaken(string? name) =>
        MfaCaller.Refused("mfa_factor_name_conflict", $"A factor with the friendly name \"{name}\" for this user already exists");
}
