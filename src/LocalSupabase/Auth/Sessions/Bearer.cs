using Microsoft.AspNetCore.Http;
using Platform.LocalSupabase.Auth.Users;
using Platform.LocalSupabase.Database;
using Platform.LocalSupabase.Tokens;

namespace Platform.LocalSupabase.Auth.Sessions;

/// <summary>A user with the session the access token belongs to; a token without a session is possible.</summary>
internal sealed record SignedInUser(AuthUser User, Guid? SessionId);

/// <summary>Who is calling. The session is looked up on every call: that is what makes a sign-out bite at once.</summary>
internal sealed class Bearer(LocalSupabaseOptions options, TokenVerifier verifier, AuthDatabase database, TimeProvider clock)
{
    public async Task<SignedInUser> RequireUserAsync(HttpContext context)
    {
        var claims = await RequireClaimsAsync(context);
        if (string.IsNullOrEmpty(claims.Subject))
        {
            throw AuthException.BadToken("invalid claim: missing sub claim");
        }

        if (!Guid.TryParse(claims.Subject, out var userId))
        {
            throw new AuthException(StatusCodes.Status400BadRequest, "bad_jwt", "invalid claim: sub claim must be a UUID");
        }

        // The same key may sign elsewhere; a token that says where it comes from must come from here.
        if (claims.Text("iss") is { } issuer && issuer != options.TokenIssuer)
        {
            throw AuthException.BadToken("invalid JWT: unable to parse or verify signature, token has invalid issuer");
        }

        await using var connection = await database.OpenAsync(context.RequestAborted);
        var user = await connection.FindAsync(userId, context.RequestAborted)
            ?? throw AuthException.UserNotFound(StatusCodes.Status403Forbidden);
        if (!claims.IsFor(user.Audience))
        {
            throw new AuthException(
                StatusCodes.Status403Forbidden, "unexpected_audience", "Token audience doesn't match request audience");
        }

        if (user.IsBannedAt(clock.GetUtcNow()))
        {
            throw AuthException.UserBanned(StatusCodes.Status403Forbidden);
        }

        if (string.IsNullOrEmpty(claims.SessionId))
        {
            return new SignedInUser(user, null);
        }

        if (!Guid.TryParse(claims.SessionId, out var sessionId))
        {
            throw AuthException.BadToken("invalid claim: session_id claim must be a UUID");
        }

        if (sessionId == Guid.Empty)
        {
            return new SignedInUser(user, null);
        }

        var found = await connection.Command(
            "select 1 from auth.sessions where id = @id and user_id = @user", ("id", sessionId), ("user", userId))
            .ScalarAsync<int>(context.RequestAborted);
        return found == 1 ? new SignedInUser(user, sessionId) : throw AuthException.SessionNotFound();
    }

    public async Task RequireAdminAsync(HttpContext context)
    {
        var claims = await RequireClaimsAsync(context);
        if (claims.Role is not ("service_role" or "supabase_admin"))
        {
            throw AuthException.NotAdmin();
        }
    }

    private async Task<TokenClaims> RequireClaimsAsync(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) || header["Bearer ".Length..].Trim() is not { Length: > 0 } token)
        {
            throw new AuthException(StatusCodes.Status401Unauthorized, "no_authorization", "This endpoint requires a valid Bearer token");
        }

        var verification = await verifier.VerifyAsync(token);
        return verification.Claims ?? throw AuthException.BadToken("invalid JWT: unable to parse or verify signature, " + verification.Fault switch
        {
            TokenFault.Malformed => "token is malformed",
            TokenFault.Expired => "token has invalid claims: token is expired",
            TokenFault.NotYetValid => "token has invalid claims: token is not valid yet",
            _ => "token signature is invalid",
        });
    }
}
