using Npgsql;
using Platform.LocalSupabase.Auth.OneTime;
using Platform.LocalSupabase.Auth.Sessions;
using Platform.LocalSupabase.Database;
using Platform.LocalSupabase.Mail;

namespace Platform.LocalSupabase.Auth.Users;

/// <summary>Begins the change of an address. It counts once it is confirmed; for an anonymous user it is a sign-up.</summary>
internal sealed class AddressChange(LocalSupabaseOptions options, TokenMailer mailer, PhoneCodes phones, TimeProvider clock)
{
    public async Task<AuthUser> ChangeEmailAsync(
        NpgsqlConnection connection, AuthUser user, string email, MailTarget target, CancellationToken cancellationToken)
    {
        if (await connection.FindByEmailAsync(email, cancellationToken) is not null)
        {
            throw AuthException.EmailExists();
        }

        await connection.WriteChangeStatusAsync(user.Id, 0, cancellationToken);
        if (user.IsAnonymous && options.AutoConfirm)
        {
            await connection.DropOneTimeTokensAsync(user.Id, cancellationToken);
            return await connection.ConfirmEmailAsync(user with { NewEmail = email }, email, clock.GetUtcNow(), cancellationToken);
        }

        var pending = user with { NewEmail = email };
        await connection.UpdateAsync(pending, cancellationToken);
        await mailer.SendAsync(connection, pending, MailKind.EmailChange, target, cancellationToken);
        return pending with { EmailChangeSentAt = clock.GetUtcNow() };
    }

    public async Task ChangePhoneAsync(NpgsqlConnection connection, AuthUser user, string phone, CancellationToken cancellationToken)
    {
        if (await connection.FindByPhoneForUpdateAsync(phone, cancellationToken) is not null)
        {
            throw AuthException.PhoneExists();
        }

        await connection.Command("update auth.users set phone_change = @phone where id = @id", ("id", user.Id), ("phone", phone))
            .ExecuteAsync(cancellationToken);
        await phones.SendAsync(connection, user, TokenKind.PhoneChange, phone, cancellationToken);
    }
}
