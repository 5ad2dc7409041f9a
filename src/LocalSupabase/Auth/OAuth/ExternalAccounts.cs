using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Npgsql;
using Platform.LocalSupabase.Auth.OneTime;
using Platform.LocalSupabase.Auth.Users;
using Platform.LocalSupabase.Database;
using Platform.LocalSupabase.Mail;

namespace Platform.LocalSupabase.Auth.OAuth;

/// <summary>
/// Which user an account elsewhere belongs to. An address links it to a user only when the provider has verified that address; and
/// when the user never proved to own it, the user is emptied first: whoever registered somebody else's address gains nothing.
/// </summary>
internal sealed class ExternalAccounts(LocalSupabaseOptions options, TokenMailer mailer, TimeProvider clock)
{
    /// <summary>
    /// The user, within the caller's transaction. Whoever has an address that nobody has verified is sent a mail first, and is refused:
    /// what was written must be committed all the same.
    /// </summary>
    /// <param name="connection">The transaction's connection.</param>
    /// <param name="profile">Who it is at the provider.</param>
    /// <param name="linkingTarget">The user that the account is to be linked to; null where it signs somebody in.</param>
    /// <param name="redirectTo">Where the link of that mail leads.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<ResolvedAccount> ResolveAsync(
        NpgsqlConnection connection, ExternalProfile profile, Guid? linkingTarget, string redirectTo, CancellationToken cancellationToken)
    {
        var user = await FindAsync(connection, profile, linkingTarget, cancellationToken);
        if (string.IsNullOrEmpty(user.Email) || user.EmailConfirmedAt is not null)
        {
            return new ResolvedAccount(user, null);
        }

        await mailer.SendAsync(connection, user, MailKind.Confirmation, new MailTarget(redirectTo, null), cancellationToken);
        return new ResolvedAccount(user, new AuthException(
            StatusCodes.Status422UnprocessableEntity, "provider_email_needs_verification",
            $"Unverified email with {profile.Provider}. A confirmation email has been sent to your {profile.Provider} email"));
    }

    private async Task<AuthUser> FindAsync(
        NpgsqlConnection connection, ExternalProfile profile, Guid? linkingTarget, CancellationToken cancellationToken)
    {
        await connection.LockIdentityAsync(profile, cancellationToken);
        var owner = await connection.FindOwnerAsync(profile, cancellationToken);
        var userId = linkingTarget is { } target
            ? Link(owner, target)
            : owner ?? await MatchAsync(connection, profile, cancellationToken) ?? await CreateAsync(connection, profile, cancellationToken);

        var user = await connection.FindForUpdateAsync(userId, cancellationToken) ?? throw AuthException.UserNotFound(StatusCodes.Status403Forbidden);
        if (user.IsBannedAt(clock.GetUtcNow()))
        {
            throw AuthException.UserBanned(StatusCodes.Status403Forbidden);
        }

        await SaveAsync(connection, user, profile, cancellationToken);
        return await connection.FindAsync(userId, cancellationToken) ?? user;
    }

    private static Guid Link(Guid? owner, Guid target) => owner is null
        ? target
        : throw new AuthException(
            StatusCodes.Status422UnprocessableEntity, "identity_already_exists",
            owner == target ? "Identity is already linked" : "Identity is already linked to another user");

    private async Task<Guid?> MatchAsync(NpgsqlConnection connection, ExternalProfile profile, CancellationToken cancellationToken)
    {
        var user = profile.Email is null ? null : await connection.FindByEmailForUpdateAsync(profile.Email, cancellationToken);
        if (user is null)
        {
            return null;
        }

        if (!profile.EmailVerified)
        {
            throw AuthException.EmailExists();
        }

        if (user.EmailConfirmedAt is null)
        {
            await connection.DropUnconfirmedAsync(user.Id, clock.GetUtcNow(), cancellationToken);
        }

        return user.Id;
    }

    private async Task<Guid> CreateAsync(NpgsqlConnection connection, ExternalProfile profile, CancellationToken cancellationToken)
    {
        if (options.DisableSignup)
        {
            throw new AuthException(StatusCodes.Status422UnprocessableEntity, "signup_disabled", "Signups not allowed for this instance");
        }

        if (profile.Email is null && !ExternalProviders.IsEmailOptional(options.OAuth, profile.Provider))
        {
            throw new AuthException(
                StatusCodes.Status500InternalServerError, "unexpected_failure", "Error getting user email from external provider");
        }

        var now = clock.GetUtcNow();
        var user = new AuthUser
        {
            Id = Guid.CreateVersion7(now),
            Email = profile.Email is null ? null : EmailAddress.Normalize(profile.Email),
            AppMetadata = new JsonObject { ["provider"] = profile.Provider, ["providers"] = new JsonArray(profile.Provider) },
            CreatedAt = now,
            UpdatedAt = now,
        };
        await connection.InsertAsync(user, cancellationToken);
        return user.Id;
    }

    private async Task SaveAsync(NpgsqlConnection connection, AuthUser user, ExternalProfile profile, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await connection.SaveIdentityAsync(profile, user.Id, now, cancellationToken);
        await connection.RefreshProvidersAsync(user.Id, cancellationToken);
        var confirmed = (profile.EmailVerified || options.AutoConfirm) && profile.Email is not null && (user.Email ?? profile.Email) == profile.Email;
        await connection.Command(
            """
            update auth.users set raw_user_meta_data = coalesce(raw_user_meta_data, '{}') || @claims, is_anonymous = false, updated_at = @now,
              email = case when email is null and @confirmed then @email else email end,
              email_confirmed_at = case when @confirmed then coalesce(email_confirmed_at, @now) else email_confirmed_at end
            where id = @id
            """,
            ("claims", profile.Claims), ("now", now), ("confirmed", confirmed), ("email", profile.Email ?? ""), ("id", user.Id))
            .ExecuteAsync(cancellationToken);
    }
}
