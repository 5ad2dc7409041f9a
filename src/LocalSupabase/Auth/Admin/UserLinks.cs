using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Npgsql;
using Platform.LocalSupabase.Auth.OneTime;
using Platform.LocalSupabase.Auth.Passwords;
using Platform.LocalSupabase.Auth.Users;
using Platform.LocalSupabase.Database;
using Platform.LocalSupabase.Mail;

namespace Platform.LocalSupabase.Auth.Admin;

/// <summary>What a link is asked for with.</summary>
internal sealed record UserLinkRequest(string? Type, string? Email, string? NewEmail, string? Password, JsonObject? Data, string? RedirectTo);

/// <summary>A user, and what a link for the user will prove: the address.</summary>
internal sealed record UserLink(AuthUser User, MailKind Mail, TokenKind Token, string Address, string VerificationType);

/// <summary>Makes the links that mails carry, and the users that they are for.</summary>
internal sealed class UserLinks(LocalSupabaseOptions options, PasswordHasher hasher, TimeProvider clock)
{
    /// <summary>The hash of the password that the link comes with. Made outside the transaction, because it is slow.</summary>
    public async Task<string?> HashAsync(UserLinkRequest request, CancellationToken cancellationToken)
    {
        if (request.Type != "signup")
        {
            return null;
        }

        if (string.IsNullOrEmpty(request.Password))
        {
            throw AuthException.Validation("Signup requires a valid password");
        }

        PasswordRules.Check(request.Password, options.Auth);
        return await hasher.HashAsync(request.Password, cancellationToken);
    }

    public async Task<UserLink> CreateAsync(
        NpgsqlConnection connection, UserLinkRequest request, string? passwordHash, CancellationToken cancellationToken)
    {
        var email = EmailAddress.Normalize(request.Email);
        var user = await connection.FindByEmailForUpdateAsync(email, cancellationToken);
        return request.Type switch
        {
            "signup" => await SignUpAsync(connection, user, email, passwordHash, request.Data, cancellationToken),
            "invite" => await InviteAsync(connection, user, email, request.Data, cancellationToken),
            "magiclink" when user is null => await SignUpAsync(connection, null, email, hash: null, request.Data, cancellationToken),
            "magiclink" => new UserLink(Known(user), MailKind.MagicLink, TokenKind.Recovery, email, request.Type),
            "recovery" => new UserLink(Known(user), MailKind.Recovery, TokenKind.Recovery, email, request.Type),
            "email_change_current" or "email_change_new" => await ChangeAsync(connection, Known(user), request, cancellationToken),
            _ => throw AuthException.Validation("Invalid email action link type requested: " + request.Type),
        };
    }

    private static AuthUser Known(AuthUser? user) => user ?? throw AuthException.UserNotFound(StatusCodes.Status404NotFound);

    private async Task<UserLink> SignUpAsync(
        NpgsqlConnection connection, AuthUser? user, string email, string? hash, JsonObject? data, CancellationToken cancellationToken)
    {
        RefuseConfirmed(user);
        var pending = user is null ? await AddAsync(connection, email, hash, data, cancellationToken) : user with { EncryptedPassword = hash };
        await connection.UpdateAsync(pending with { UpdatedAt = clock.GetUtcNow() }, cancellationToken);
        return new UserLink(pending, MailKind.Confirmation, TokenKind.Confirmation, email, "signup");
    }

    private async Task<UserLink> InviteAsync(
        NpgsqlConnection connection, AuthUser? user, string email, JsonObject? data, CancellationToken cancellationToken)
    {
        RefuseConfirmed(user);
        var invited = user ?? await AddAsync(connection, email, passwordHash: null, data, cancellationToken);
        await connection.Command(
            "update auth.users set invited_at = @now where id = @id", ("now", clock.GetUtcNow()), ("id", invited.Id)).ExecuteAsync(cancellationToken);
        return new UserLink(invited, MailKind.Invite, TokenKind.Confirmation, email, "invite");
    }

    private static async Task<UserLink> ChangeAsync(
        NpgsqlConnection connection, AuthUser user, UserLinkRequest request, CancellationToken cancellationToken)
    {
        var address = EmailAddress.Normalize(request.NewEmail);
        if (await connection.FindByEmailAsync(address, cancellationToken) is not null)
        {
            throw AuthException.EmailExists();
        }

        await connection.Command(
            "update auth.users set email_change = @address, email_change_confirm_status = 0 where id = @id", ("address", address), ("id", user.Id))
            .ExecuteAsync(cancellationToken);
        return request.Type == "email_change_new"
            ? new UserLink(user, MailKind.EmailChange, TokenKind.EmailChangeNew, address, "email_change")
            : new UserLink(user, MailKind.EmailChange, TokenKind.EmailChangeCurrent, user.Email!, "email_change");
    }

    private static void RefuseConfirmed(AuthUser? user)
    {
        if (user?.EmailConfirmedAt is not null)
        {
            throw AuthException.EmailExists();
        }
    }

    private async Task<AuthUser> AddAsync(
        NpgsqlConnection connection, string email, string? passwordHash, JsonObject? data, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var user = new AuthUser
        {
            Id = Guid.CreateVersion7(now),
            Email = email,
            EncryptedPassword = passwordHash,
            AppMetadata = new JsonObject { ["provider"] = "email", ["providers"] = new JsonArray("email") },
            UserMetadata = Metadata.Merge([], data),
            CreatedAt = now,
            UpdatedAt = now,
        };
        await connection.InsertAsync(user, cancellationToken);
        await connection.SaveAddressIdentityAsync(user, "email", AddressIdentity.Of(user), cancellationToken);
        return user;
    }
}
