using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Npgsql;
using Platform.LocalSupabase.Auth.Flows;
using Platform.LocalSupabase.Auth.Sessions;
using Platform.LocalSupabase.Auth.Users;

namespace Platform.LocalSupabase.Auth.OneTime;

/// <summary>A token that was good, and what it did.</summary>
/// <param name="User">The user, after it.</param>
/// <param name="IsComplete">False for the first of the two addresses of an e-mail change.</param>
/// <param name="FlowMethod">The flow that the token belongs to; null when it ends in a session at once.</param>
internal sealed record Verified(AuthUser User, bool IsComplete, string? FlowMethod);

/// <summary>Spends one-time tokens and does what they are for.</summary>
internal sealed class Verification(LocalSupabaseOptions options, TimeProvider clock)
{
    /// <summary>The tokens that a type of the API stands for; null for an unknown type.</summary>
    public static IReadOnlyCollection<TokenKind>? KindsOf(string? type) => type switch
    {
        "signup" or "invite" or "sms" => [TokenKind.Confirmation],
        "magiclink" or "recovery" => [TokenKind.Recovery],
        "email" => [TokenKind.Confirmation, TokenKind.Recovery],
        "email_change" => [TokenKind.EmailChangeCurrent, TokenKind.EmailChangeNew],
        "phone_change" => [TokenKind.PhoneChange],
        _ => null,
    };

    public static AuthException Expired(bool isLink) => new(
        StatusCodes.Status403Forbidden,
        "otp_expired",
        isLink ? "Email link is invalid or has expired" : "Token has expired or is invalid");

    /// <summary>Spends the token of a hash, in the caller's transaction.</summary>
    /// <param name="connection">The transaction's connection.</param>
    /// <param name="hash">The hash.</param>
    /// <param name="type">A type that <see cref="KindsOf"/> knows.</param>
    /// <param name="address">The address that a code was sent to; null where the hash itself was given.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<Verified> SpendAsync(
        NpgsqlConnection connection, string hash, string type, string? address, CancellationToken cancellationToken)
    {
        var token = await connection.FindTokenAsync(hash, KindsOf(type)!, cancellationToken);
        var user = token is null ? null : await connection.FindForUpdateAsync(token.UserId, cancellationToken);
        if (token is null || user is null || !IsFor(token, user, hash, address) || IsTooOld(token, user))
        {
            throw Expired(isLink: address is null);
        }

        if (user.IsBannedAt(clock.GetUtcNow()))
        {
            throw AuthException.UserBanned(StatusCodes.Status403Forbidden);
        }

        if (!await connection.SpendAsync(user.Id, token.Kind, cancellationToken))
        {
            throw Expired(isLink: address is null);
        }

        try
        {
            return await ApplyAsync(connection, token, user, type, cancellationToken);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            // Somebody else confirmed the address in the meantime.
            throw exception.ConstraintName == "users_phone_key" ? AuthException.PhoneExists() : AuthException.EmailExists();
        }
    }

    /// <summary>A token is for the address that it was sent to, as long as that is the user's.</summary>
    private static bool IsFor(OneTimeToken token, AuthUser user, string hash, string? address)
    {
        var isStillTheirs = token.Kind switch
        {
            TokenKind.EmailChangeCurrent => token.Address == user.Email,
            TokenKind.EmailChangeNew => token.Address == user.NewEmail,
            TokenKind.PhoneChange => token.Address == user.NewPhone,
            _ => token.Address == user.Email || token.Address == user.Phone,
        };
        return isStillTheirs && (address is null || token.Address == address)
            && CryptographicOperations.FixedTimeEquals(Bare(token.Hash), Bare(hash));
    }

    private static byte[] Bare(string hash) => Encoding.UTF8.GetBytes(
        hash.StartsWith(OneTimeToken.PkcePrefix, StringComparison.Ordinal) ? hash[OneTimeToken.PkcePrefix.Length..] : hash);

    private bool IsTooOld(OneTimeToken token, AuthUser user)
    {
        var sentAt = token.Kind switch
        {
            TokenKind.Confirmation => user.ConfirmationSentAt,
            TokenKind.Recovery => user.RecoverySentAt,
            TokenKind.PhoneChange => user.PhoneChangeSentAt,
            TokenKind.Reauthentication => user.ReauthenticationSentAt,
            _ => user.EmailChangeSentAt,
        };
        var lifetime = token.Address.Contains('@', StringComparison.Ordinal) ? options.Auth.OtpLifetime : options.Auth.SmsOtpLifetime;
        return sentAt is null || sentAt + lifetime <= clock.GetUtcNow();
    }

    private async Task<Verified> ApplyAsync(
        NpgsqlConnection connection, OneTimeToken token, AuthUser user, string type, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var method = token.IsPkce ? MethodOf(token.Kind, type) : null;
        switch (token.Kind)
        {
            case TokenKind.EmailChangeCurrent or TokenKind.EmailChangeNew:
                return await ChangeEmailAsync(connection, token, user, now, cancellationToken) is { } changed
                    ? new Verified(changed, IsComplete: true, method)
                    : new Verified(user, IsComplete: false, method);
            case TokenKind.PhoneChange:
            case TokenKind.Confirmation when token.Address == user.Phone:
                var reached = await connection.ConfirmPhoneAsync(user, token.Address, now, cancellationToken);
                return new Verified(reached, IsComplete: true, FlowMethod: null);
            default:
                return new Verified(
                    user.EmailConfirmedAt is null || user.UserMetadata["email_verified"] is null
                        ? await connection.ConfirmEmailAsync(user, user.Email!, now, cancellationToken)
                        : user,
                    IsComplete: true,
                    method);
        }
    }

    private static string MethodOf(TokenKind kind, string type) => kind switch
    {
        TokenKind.Confirmation => type == "invite" ? FlowMethods.Invite : FlowMethods.SignUp,
        TokenKind.Recovery => type == "recovery" ? FlowMethods.Recovery : FlowMethods.MagicLink,
        _ => FlowMethods.EmailChange,
    };

    /// <summary>The user with the new address; null while the other of the two addresses has not agreed.</summary>
    private static async Task<AuthUser?> ChangeEmailAsync(
        NpgsqlConnection connection, OneTimeToken token, AuthUser user, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var other = token.Kind == TokenKind.EmailChangeNew ? TokenKind.EmailChangeCurrent : TokenKind.EmailChangeNew;
        if (await connection.FindTokenOfAsync(user.Id, other, cancellationToken) is not null)
        {
            await connection.WriteChangeStatusAsync(user.Id, 1, cancellationToken);
            return null;
        }

        // The old address alone cannot decide that somebody owns the new one.
        if (string.IsNullOrEmpty(user.NewEmail)
            || (token.Kind == TokenKind.EmailChangeCurrent && await connection.ReadChangeStatusAsync(user.Id, cancellationToken) != 1))
        {
            throw Expired(isLink: true);
        }

        // What was mailed to the old address is void with it.
        await connection.DropOneTimeTokensAsync(user.Id, cancellationToken);
        await connection.WriteChangeStatusAsync(user.Id, 0, cancellationToken);
        return await connection.ConfirmEmailAsync(user, user.NewEmail, now, cancellationToken);
    }
}
