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
        return await connection.ListProvidersAsync(confirmed, cancellationToken);
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
        return await connection.ListProvidersAsync(confirmed, cancellationToken);
    }

    /// <summary>The providers in the user's metadata follow the identities.</summary>
    public static async Task<AuthUser> ListProvidersAsync(
        this NpgsqlConnection connection, AuthUser user, CancellationToken cancellationToken)
    {
        await connection.Command(
            """
            update auth.users set raw_app_meta_data = coalesce(raw_app_meta_data, '{}') || jsonb_build_object(
              'provider', coalesce(raw_app_meta_data ->> 'provider', known.providers ->> 0), 'providers', known.providers)
            from (select coalesce(jsonb_agg(provider order by since, provider), '[]') as providers from (
              select provider, min(created_at) as since from auth.identities where user_id = @id group by provider) as grouped) as known
            where id = @id
            """,
            ("id", user.Id)).ExecuteAsync(cancellationToken);
        return await connection.FindAsync(user.Id, cancellationToken) ?? user;
    }
}
