using System.Text.Json.Nodes;
using Npgsql;
using Platform.LocalSupabase.Auth.Hooks;
using Platform.LocalSupabase.Auth.Users;
using Platform.LocalSupabase.Tokens;

namespace Platform.LocalSupabase.Auth.Sessions;

/// <summary>What a client gets with a session: a signed access token, the refresh token, and the user.</summary>
internal sealed class SessionAnswer(LocalSupabaseOptions options, TokenSigner signer, CustomAccessTokenHook hook, TimeProvider clock)
{
    /// <summary>Writes the answer. It needs the database only where a hook has a say in the claims.</summary>
    /// <param name="connection">The connection of the sign-in, for the hook.</param>
    /// <param name="user">Whom the token is for.</param>
    /// <param name="sessionId">The session that the token belongs to.</param>
    /// <param name="assurance">What becomes the claims <c>aal</c> and <c>amr</c>.</param>
    /// <param name="refreshToken">The token that leads to the next answer.</param>
    /// <param name="authenticationMethod">What the user did just now, for the hook.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<JsonObject> WriteAsync(
        NpgsqlConnection connection, AuthUser user, Guid sessionId, Assurance assurance, string refreshToken, string authenticationMethod,
        CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var expiresAt = now + options.AccessTokenLifetime;
        var payload = new JsonObject
        {
            ["iss"] = options.TokenIssuer,
            ["sub"] = user.Id.ToString(),
            ["aud"] = user.Audience,
            ["exp"] = expiresAt.ToUnixTimeSeconds(),
            ["iat"] = now.ToUnixTimeSeconds(),
            ["email"] = user.Email ?? "",
            ["phone"] = user.Phone ?? "",
            ["app_metadata"] = user.AppMetadata.DeepClone(),
            ["user_metadata"] = user.UserMetadata.DeepClone(),
            ["role"] = user.Role,
            ["aal"] = assurance.Level,
            ["amr"] = assurance.Methods,
            ["session_id"] = sessionId.ToString(),
            ["is_anonymous"] = user.IsAnonymous,
        };
        return new JsonObject
        {
            ["access_token"] = signer.Sign(await hook.ApplyAsync(connection, payload, authenticationMethod, cancellationToken)),
            ["token_type"] = "bearer",
            ["expires_in"] = (long)options.AccessTokenLifetime.TotalSeconds,
            ["expires_at"] = expiresAt.ToUnixTimeSeconds(),
            ["refresh_token"] = refreshToken,
            ["user"] = user.ToJson(),
        };
    }
}
