using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Npgsql;
using Platform.LocalSupabase.Auth.Limits;
using Platform.LocalSupabase.Auth.OneTime;
using Platform.LocalSupabase.Auth.Sessions;
using Platform.LocalSupabase.Auth.Users;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Auth.Passwords;

/// <summary>What it takes to set a new password: more than a session that was left open somewhere, if the settings say so.</summary>
internal sealed class PasswordChange(
    LocalSupabaseOptions options, NewPassword passwords, PasswordHasher hasher, GuessLimits guesses, TimeProvider clock)
{
    private static readonly TimeSpan FreshSession = TimeSpan.FromHours(24);

    /// <summary>Checks what needs no database; the hash of the new password.</summary>
    public async Task<string> HashAsync(UpdateUserRequest request, AuthUser user, CancellationToken cancellationToken)
    {
        if (user.IsAnonymous && string.IsNullOrEmpty(user.Email ?? user.Phone ?? request.Email ?? request.Phone))
        {
            throw new AuthException(
                StatusCodes.Status422UnprocessableEntity, "validation_failed",
                "Updating password of an anonymous user without an email or phone is not allowed");
        }

        if (options.Auth.RequireCurrentPassword && !string.IsNullOrEmpty(user.EncryptedPassword))
        {
            if (string.IsNullOrEmpty(request.CurrentPassword))
            {
                throw new AuthException(
                    StatusCodes.Status400BadRequest, "current_password_required", "Current password required when setting new password.");
            }

            if (!await hasher.VerifyAsync(request.CurrentPassword, user.EncryptedPassword, cancellationToken))
            {
                throw new AuthException(StatusCodes.Status400BadRequest, "current_password_invalid", "Current password is incorrect.");
            }
        }

        var hash = await passwords.HashAsync(request.Password!, cancellationToken);
        return await hasher.VerifyAsync(request.Password!, user.EncryptedPassword, cancellationToken)
            ? throw new AuthException(
                StatusCodes.Status422UnprocessableEntity, "same_password", "New password should be different from the old password.")
            : hash;
    }

    /// <summary>Spends the nonce, where one is needed.</summary>
    public async Task ReauthenticateAsync(
        NpgsqlConnection connection, SignedInUser caller, string? nonce, CancellationToken cancellationToken)
    {
        if (!options.Auth.SecurePasswordChange || await IsFreshAsync(connection, caller, cancellationToken))
        {
            return;
        }

        if (string.IsNullOrEmpty(nonce))
        {
            throw new AuthException(
                StatusCodes.Status400BadRequest, "reauthentication_needed", "Password update requires reauthentication");
        }

        var user = caller.User;
        var token = await connection.FindTokenOfAsync(user.Id, TokenKind.Reauthentication, cancellationToken);
        var isGood = token is not null && guesses.MayTryCode(token.Address)
            && user.ReauthenticationSentAt + options.Auth.OtpLifetime > clock.GetUtcNow()
            && CryptographicOperations.FixedTimeEquals(
                Encoding.UTF8.GetBytes(token.Hash), Encoding.UTF8.GetBytes(OneTimeToken.HashOf(token.Address, nonce)));
        if (!isGood || !await connection.SpendAsync(user.Id, TokenKind.Reauthentication, cancellationToken))
        {
            throw new AuthException(
                StatusCodes.Status422UnprocessableEntity, "reauthentication_not_valid", "Nonce has expired or is invalid");
        }
    }

    private async Task<bool> IsFreshAsync(NpgsqlConnection connection, SignedInUser caller, CancellationToken cancellationToken)
    {
        var startedAt = await connection.Command(
            "select created_at from auth.sessions where id = @id", ("id", caller.SessionId ?? Guid.Empty))
            .FirstAsync(reader => Tuple.Create(reader.ValueOrNull<DateTimeOffset>("created_at")), cancellationToken);
        return startedAt?.Item1 + FreshSession > clock.GetUtcNow();
    }
}
