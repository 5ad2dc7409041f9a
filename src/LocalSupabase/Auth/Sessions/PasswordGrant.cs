using Microsoft.AspNetCore.Http;
using Platform.LocalSupabase.Auth.Users;

namespace Platform.LocalSupabase.Auth.Sessions;

internal sealed record PasswordGrantRequest(string? Email, string? Phone, string? Password);

internal sealed class PasswordGrant(AuthDatabase database, SessionIssuer sessions, TimeProvider clock) : IGrant
{
    public string GrantType => "password";

    public async Task<IResult> HandleAsync(HttpContext context)
    {
        var request = await AuthBody.ReadAsync<PasswordGrantRequest>(context.Request);
        if (string.IsNullOrEmpty(request.Email) == string.IsNullOrEmpty(request.Phone))
        {
            throw AuthException.Validation(string.IsNullOrEmpty(request.Email)
                ? "missing email or phone"
                : "Only an email address or phone number should be provided on login.");
        }

        if (string.IsNullOrEmpty(request.Email))
        {
            throw new AuthException(StatusCodes.Status422UnprocessableEntity, "phone_provider_disabled", "Phone logins are disabled");
        }

        var user = await VerifyAsync(request.Email.ToLowerInvariant(), request.Password ?? "", context.RequestAborted);
        var session = await database.InTransactionAsync(
            connection => sessions.StartAsync(connection, user, "password", context), context.RequestAborted);
        return TypedResults.Json(session);
    }

    private async Task<AuthUser> VerifyAsync(string email, string password, CancellationToken cancellationToken)
    {
        AuthUser? user;
        await using (var connection = await database.OpenAsync(cancellationToken))
        {
            user = await connection.FindByEmailAsync(email, cancellationToken);
        }

        // The connection is back in the pool while bcrypt works. What may be said about the user is said after the password.
        if (!UserPassword.Verify(password, user?.EncryptedPassword) || user is null)
        {
            throw AuthException.InvalidCredentials();
        }

        if (user.IsBannedAt(clock.GetUtcNow()))
        {
            throw AuthException.UserBanned(StatusCodes.Status400BadRequest);
        }

        return user.EmailConfirmedAt is not null
            ? user
            : throw new AuthException(StatusCodes.Status400BadRequest, "email_not_confirmed", "Email not confirmed");
    }
}
