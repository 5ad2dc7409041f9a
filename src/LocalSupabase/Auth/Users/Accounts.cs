using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Npgsql;
using Platform.LocalSupabase.Auth.OneTime;
using Platform.LocalSupabase.Auth.Sessions;
using Platform.LocalSupabase.Mail;

namespace Platform.LocalSupabase.Auth.Users;

/// <summary>What became of a sign-up.</summary>
internal enum AccountState
{
    /// <summary>Somebody has it already, confirmed; nothing was changed.</summary>
    Taken,

    /// <summary>A mail or a message is on its way to confirm the address.</summary>
    Pending,

    /// <summary>Confirmed, here and now.</summary>
    Confirmed,
}

/// <summary>A user, and what the sign-up did to it.</summary>
internal sealed record OpenedAccount(AccountState State, AuthUser User);

/// <summary>Opens accounts, for whoever signs up with an address: by password, by link or by code.</summary>
internal sealed class Accounts(
    LocalSupabaseOptions options, AuthDatabase database, TokenMailer mailer, PhoneCodes phones, TimeProvider clock)
{
    /// <summary>Whether an address of this kind counts as confirmed without a mail or a message.</summary>
    public bool ConfirmsAtOnce(bool byEmail) => byEmail ? options.AutoConfirm : options.Auth.PhoneAutoConfirm;

    /// <summary>A user as a sign-up describes it. Exactly one of the addresses is given.</summary>
    public AuthUser Candidate(string? email, string? phone, string? passwordHash, JsonObject? data)
    {
        var now = clock.GetUtcNow();
        var provider = email is null ? "phone" : "email";
        return new AuthUser
        {
            Id = Guid.CreateVersion7(now),
            Email = email,
            Phone = phone,
            EncryptedPassword = passwordHash,
            AppMetadata = new JsonObject { ["provider"] = provider, ["providers"] = new JsonArray(provider) },
            UserMetadata = Metadata.Merge([], data),
            CreatedAt = now,
            UpdatedAt = now,
        };
    }

    /// <summary>Opens an account or finds it, and does what comes next in the same transaction.</summary>
    /// <param name="candidate">What a new user would be.</param>
    /// <param name="target">Where the mail leads.</param>
    /// <param name="mayCreate">Whether an unknown address becomes a user.</param>
    /// <param name="then">What comes next.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<T> OpenAsync<T>(
        AuthUser candidate, MailTarget target, bool mayCreate, Func<NpgsqlConnection, OpenedAccount, Task<T>> then,
        CancellationToken cancellationToken)
    {
        async Task<T> TryAsync(NpgsqlConnection connection) =>
            await then(connection, await OpenAsync(connection, candidate, target, mayCreate, cancellationToken));
        try
        {
            return await database.InTransactionAsync(TryAsync, cancellationToken);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            // Somebody signed up with the same address at the same moment; now it exists.
            return await database.InTransactionAsync(TryAsync, cancellationToken);
        }
    }

    private async Task<OpenedAccount> OpenAsync(
        NpgsqlConnection connection, AuthUser candidate, MailTarget target, bool mayCreate, CancellationToken cancellationToken)
    {
        var byEmail = candidate.Email is not null;
        var existing = byEmail
            ? await connection.FindByEmailForUpdateAsync(candidate.Email!, cancellationToken)
            : await connection.FindByPhoneForUpdateAsync(candidate.Phone!, cancellationToken);
        if (existing is not null && (byEmail ? existing.EmailConfirmedAt : existing.PhoneConfirmedAt) is not null)
        {
            return new OpenedAccount(AccountState.Taken, existing);
        }

        if (existing is null && !mayCreate)
        {
            throw new AuthException(StatusCodes.Status422UnprocessableEntity, "otp_disabled", "Signups not allowed for otp");
        }

        if (options.DisableSignup)
        {
            throw AuthException.SignupDisabled();
        }

        if (ConfirmsAtOnce(byEmail))
        {
            return new OpenedAccount(AccountState.Confirmed, await ConfirmAsync(connection, existing, candidate, cancellationToken));
        }

        // An unconfirmed user is not altered: nobody knows yet whose the address is.
        var user = existing ?? await InsertAsync(connection, candidate, cancellationToken);
        await (byEmail
            ? mailer.SendAsync(connection, user, MailKind.Confirmation, target, cancellationToken)
            : phones.SendAsync(connection, user, TokenKind.Confirmation, user.Phone!, cancellationToken));
        return new OpenedAccount(AccountState.Pending, await connection.FindAsync(user.Id, cancellationToken) ?? user);
    }

    private static async Task<AuthUser> InsertAsync(NpgsqlConnection connection, AuthUser user, CancellationToken cancellationToken)
    {
        await connection.InsertAsync(user, cancellationToken);
        await connection.SaveAddressIdentityAsync(user, user.Email is null ? "phone" : "email", IdentityOf(user), cancellationToken);
        return await connection.FindAsync(user.Id, cancellationToken) ?? user;
    }

    /// <summary>
    /// An address that was never confirmed belongs to nobody yet: whoever signs up while no mail is asked for takes it over with a
    /// password and data of their own, and what the first claimant set is gone.
    /// </summary>
    private static async Task<AuthUser> ConfirmAsync(
        NpgsqlConnection connection, AuthUser? existing, AuthUser candidate, CancellationToken cancellationToken)
    {
        var provider = candidate.Email is null ? "phone" : "email";
        var proven = candidate with
        {
            UserMetadata = Metadata.Merge(candidate.UserMetadata, new JsonObject { [$"{provider}_verified"] = true }),
            EmailConfirmedAt = candidate.Email is null ? null : candidate.CreatedAt,
            PhoneConfirmedAt = candidate.Phone is null ? null : candidate.CreatedAt,
        };
        if (existing is null)
        {
            return await InsertAsync(connection, proven, cancellationToken);
        }

        var confirmed = existing with
        {
            EncryptedPassword = proven.EncryptedPassword,
            UserMetadata = proven.UserMetadata,
            EmailConfirmedAt = proven.EmailConfirmedAt ?? existing.EmailConfirmedAt,
            PhoneConfirmedAt = proven.PhoneConfirmedAt ?? existing.PhoneConfirmedAt,
            UpdatedAt = proven.CreatedAt,
        };
        await connection.UpdateAsync(confirmed, cancellationToken);
        await connection.SaveAddressIdentityAsync(confirmed, provider, IdentityOf(confirmed), cancellationToken);
        await connection.EndAllAsync(confirmed.Id, cancellationToken);
        await connection.DropOneTimeTokensAsync(confirmed.Id, cancellationToken);
        return confirmed;
    }

    private static JsonObject IdentityOf(AuthUser user)
    {
        var data = user.Email is null ? AddressIdentity.OfPhone(user) : AddressIdentity.Of(user);
        foreach (var (key, value) in user.UserMetadata)
        {
            if (!data.ContainsKey(key))
            {
                data[key] = value?.DeepClone();
            }
        }

        return data;
    }
}
