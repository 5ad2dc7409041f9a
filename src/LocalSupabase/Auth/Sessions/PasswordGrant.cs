using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Platform.LocalSupabase.Auth.Limits;
using Platform.LocalSupabase.Auth.Passwords;
using Platform.LocalSupabase.Auth.Users;

namespace Platform.LocalSupabase.Auth.Sessions;

internal sealed record PasswordGrantRequest(string? Email, string? Phone, string? Password, MetaSecurity? GotrueMetaSecurity);

/// <summary>Signs in with an address and a password. What is wrong with the account is said only to whoever knows the password.</summary>
internal sealed class PasswordGrant(
    LocalSupabaseOptions options, AuthDatabase database, SessionIssuer sessions, PasswordHasher hasher, GuessLimits guesses,
    Captcha captcha, TimeProvider clock) : IGrant
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

        await captcha.CheckAsync(request.GotrueMetaSecurity, context);
        var account = AccountOf(request);
        guesses.Begin(context, account);
        var password = request.Password ?? "";
        var user = await VerifyAsync(account, byEmail: !string.IsNullOrEmpty(request.Email), password, context.RequestAborted);
        guesses.WasRight(context, account);
        var session = await database.InTransactionAsync(
            connection => sessions.StartAsync(connection, user, "password", context), context.RequestAborted);
        if (PasswordRules.Weakness(password, options.Auth) is { } weakness)
        {
            session["weak_password"] = new JsonObject
            {
                ["message"] = weakness.Message,
                ["reasons"] = new JsonArray([.. weakness.Reasons.Select(reason => JsonValue.Create(reason))]),
            };
        }

        return TypedResults.Json(session);
    }

    private string AccountOf(PasswordGrantRequest request)
    {
        if (!string.IsNullOrEmpty(request.Email))
        {
            return options.Auth.EmailEnabled
                ? request.Email.ToLowerInvariant()
                : throw AuthException.EmailDisabled("Email logins are disabled", StatusCodes.Status422UnprocessableEntity);
        }

        return options.Auth.PhoneEnabled
            ? PhoneNumber.Normalize(request.Phone!)
            : throw AuthException.PhoneDisabled("Phone logins are disabled", StatusCodes.Status422UnprocessableEntity);
    }

    private async Task<AuthUser> VerifyAsync(string account, bool byEmail, string password, CancellationToken cancellationToken)
    {
        AuthUser? user;
        await using (var connection = await database.OpenAsync(cancellationToken))
        {
            user = byEmail
                ? await connection.FindByEmailAsync(account, cancellationToken)
                : await connection.FindByPhoneAsync(account, cancellationToken);
        }

        // The connection is back in the pool while the hash is computed. What may be said about the user is said after the password.
        if (!await hasher.VerifyAsync(password, user?.EncryptedPassword, cancellationToken) || user is null)
        {
            throw AuthException.InvalidCredentials();
        }

        if (user.IsBannedAt(clock.GetUtcNow()))
        {
            throw AuthException.UserBanned(StatusCodes.Status400BadRequest);
        }

        if ((byEmail ? user.EmailConfirmedAt : user.PhoneConfirmedAt) is not null)
        {
            return user;
        }

        throw byEmail
            ? new AuthException(StatusCodes.Status400BadRequest, "email_not_confirmed", "Email not confirmed")
            : new AuthException(StatusCodes.Status400BadRequest, "phone_not_confirmed", "Phone not confirmed");
    }
}
