using System.Text.Json.Nodes;
using Npgsql;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Auth.Users;

/// <summary>What follows when somebody has shown that an address is theirs.</summary>
internal static class ConfirmedAddress
{
    public static async Task<AuthUser> ConfirmEmailAsync(
        this NpgsqlConnection connection, AuthUser user, string email, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var confirmed = user with
        {
            Email = email,
            EmailConfirmedAt = user.Email == email ? user.EmailConfirmedAt ?? now : now,
            NewEmail = email == user.NewEmail ? null : user.NewEmail,
            UserMetadata = Metadata.Merge(user.UserMetadata, new JsonObject { ["email_verified"] = true }),
            IsAnonymous = false,
            UpdatedAt = now,
        };
        await connection.UpdateAsync(confirmed, cancellationToken);
        await connection.SaveAddressIdentityAsync(confirmed, "email", AddressIdentity.Of(confirmed), cancellationToken);
        return await connection.RefreshProvidersAsync(confirmed, cancellationToken);
    }

    public static async Task<AuthUser> ConfirmPhoneAsync(
        this NpgsqlConnection connection, AuthUser user, string phone, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var confirmed = user with
        {
            Phone = phone,
            PhoneConfirmedAt = user.Phone == phone ? user.PhoneConfirmedAt ?? now : now,
            UserMetadata = Metadata.Merge(user.UserMetadata, new JsonObject { ["phone_verified"] = true }),
            IsAnonymous = false,
            UpdatedAt = now,
        };
        await connection.UpdateAsync(confirmed, cancellationToken);
        await connection.Command(
            "update auth.users set phone_change = '' where id = @id and phone_change = @phone", ("id", user.Id), ("phone", phone))
            .ExecuteAsync(cancellationToken);
        await connection.SaveAddressIdentityAsync(confirmed, "phone", AddressIdentity.OfPhone(confirmed), cancellationToken);
        return await connection.RefreshProvidersAsync(confirmed, cancellationToken);
    }
}
