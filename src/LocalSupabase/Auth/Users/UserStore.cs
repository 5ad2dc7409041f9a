using System.Text.Json.Nodes;
using Npgsql;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Auth.Users;

/// <summary>Reads and writes <c>auth.users</c> and <c>auth.identities</c> on a connection that the caller owns.</summary>
internal static class UserStore
{
    private const string Rfc3339 = "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'";

    // Identities and factors come as the JSON that clients see, so that a user is one round trip.
    /// <summary>The columns of a user <c>u</c>.</summary>
    public const string Columns = $"""
        u.id, u.aud, u.role, u.email, u.phone, u.encrypted_password, u.raw_app_meta_data, u.raw_user_meta_data, u.is_anonymous,
          u.email_change, u.phone_change, u.created_at, u.updated_at, u.email_confirmed_at, u.phone_confirmed_at, u.invited_at,
          u.confirmation_sent_at, u.recovery_sent_at, u.email_change_sent_at, u.phone_change_sent_at, u.reauthentication_sent_at,
          u.last_sign_in_at, u.banned_until, u.deleted_at,
          (select coalesce(jsonb_agg(jsonb_build_object(
              'identity_id', i.id, 'id', i.provider_id, 'user_id', i.user_id, 'identity_data', i.identity_data, 'provider', i.provider,
              'last_sign_in_at', to_char(i.last_sign_in_at at time zone 'utc', {Rfc3339}),
              'created_at', to_char(i.created_at at time zone 'utc', {Rfc3339}),
              'updated_at', to_char(i.updated_at at time zone 'utc', {Rfc3339}),
              'email', i.email) order by i.created_at, i.id), '[]') from auth.identities i where i.user_id = u.id) as identities,
          (select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
              'id', f.id, 'friendly_name', f.friendly_name, 'factor_type', f.factor_type, 'status', f.status, 'phone', f.phone,
              'created_at', to_char(f.created_at at time zone 'utc', {Rfc3339}),
              'updated_at', to_char(f.updated_at at time zone 'utc', {Rfc3339}),
              'last_challenged_at', to_char(f.last_challenged_at at time zone 'utc', {Rfc3339})))
              order by f.created_at, f.id), '[]') from auth.mfa_factors f where f.user_id = u.id) as factors
        """;

    public const string SelectUser = $"select {Columns} from auth.users u";

    public static Task<AuthUser?> FindAsync(this NpgsqlConnection connection, Guid id, CancellationToken cancellationToken) =>
        connection.Command($"{SelectUser} where u.id = @id", ("id", id)).FirstAsync(Read, cancellationToken);

    /// <summary>The user, locked until the transaction ends, so that two merges of metadata cannot lose each other.</summary>
    public static Task<AuthUser?> FindForUpdateAsync(this NpgsqlConnection connection, Guid id, CancellationToken cancellationToken) =>
        connection.Command($"{SelectUser} where u.id = @id for update of u", ("id", id)).FirstAsync(Read, cancellationToken);

    public static Task<AuthUser?> FindByEmailAsync(this NpgsqlConnection connection, string email, CancellationToken cancellationToken) =>
        connection.Command($"{SelectUser} where u.email = @email and u.is_sso_user = false", ("email", email)).FirstAsync(Read, cancellationToken);

    public static Task<AuthUser?> FindByEmailForUpdateAsync(
        this NpgsqlConnection connection, string email, CancellationToken cancellationToken) =>
        connection.Command($"{SelectUser} where u.email = @email and u.is_sso_user = false for update of u", ("email", email))
            .FirstAsync(Read, cancellationToken);

    public static Task<AuthUser?> FindByPhoneAsync(this NpgsqlConnection connection, string phone, CancellationToken cancellationToken) =>
        connection.Command($"{SelectUser} where u.phone = @phone", ("phone", phone)).FirstAsync(Read, cancellationToken);

    public static Task<AuthUser?> FindByPhoneForUpdateAsync(
        this NpgsqlConnection connection, string phone, CancellationToken cancellationToken) =>
        connection.Command($"{SelectUser} where u.phone = @phone for update of u", ("phone", phone)).FirstAsync(Read, cancellationToken);

    public static Task InsertAsync(this NpgsqlConnection connection, AuthUser user, CancellationToken cancellationToken) =>
        connection.Command(
            """
            insert into auth.users (instance_id, id, aud, role, email, phone, encrypted_password, raw_app_meta_data, raw_user_meta_data,
              is_anonymous, created_at, updated_at, email_confirmed_at, phone_confirmed_at, confirmation_sent_at, banned_until)
            values ('00000000-0000-0000-0000-000000000000', @id, @aud, @role, @email, @phone, @password, @app, @user, @anonymous,
              @created_at, @created_at, @email_confirmed_at, @phone_confirmed_at, @confirmation_sent_at, @banned_until)
            """,
            ("id", user.Id), ("aud", user.Audience), ("role", user.Role), ("email", user.Email), ("phone", user.Phone),
            ("password", user.EncryptedPassword), ("app", user.AppMetadata), ("user", user.UserMetadata), ("anonymous", user.IsAnonymous),
            ("created_at", user.CreatedAt), ("email_confirmed_at", user.EmailConfirmedAt), ("phone_confirmed_at", user.PhoneConfirmedAt),
            ("confirmation_sent_at", user.ConfirmationSentAt), ("banned_until", user.BannedUntil)).ExecuteAsync(cancellationToken);

    /// <summary>Writes what a user or an administrator may change.</summary>
    public static Task UpdateAsync(this NpgsqlConnection connection, AuthUser user, CancellationToken cancellationToken) =>
        connection.Command(
            """
            update auth.users set aud = @aud, role = @role, email = @email, phone = @phone, encrypted_password = @password,
              raw_app_meta_data = @app, raw_user_meta_data = @user, is_anonymous = @anonymous, updated_at = @updated_at,
              email_confirmed_at = @email_confirmed_at, phone_confirmed_at = @phone_confirmed_at, banned_until = @banned_until,
              email_change = @email_change, email_change_sent_at = @email_change_sent_at
            where id = @id
            """,
            ("id", user.Id), ("aud", user.Audience), ("role", user.Role), ("email", user.Email), ("phone", user.Phone),
            ("password", user.EncryptedPassword), ("app", user.AppMetadata), ("user", user.UserMetadata), ("anonymous", user.IsAnonymous),
            ("updated_at", user.UpdatedAt), ("email_confirmed_at", user.EmailConfirmedAt), ("phone_confirmed_at", user.PhoneConfirmedAt),
            ("banned_until", user.BannedUntil), ("email_change", user.NewEmail ?? ""),
            ("email_change_sent_at", user.EmailChangeSentAt)).ExecuteAsync(cancellationToken);

    /// <summary>The identity of an address: its subject is the user itself. An address has one; a later call replaces its data.</summary>
    public static Task SaveAddressIdentityAsync(
        this NpgsqlConnection connection, AuthUser user, string provider, JsonObject data, CancellationToken cancellationToken) =>
        connection.Command(
            """
            insert into auth.identities (id, provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at)
            values (@id, @user_id::text, @user_id, @data, @provider, @now, @now, @now)
            on conflict (provider_id, provider)
              do update set identity_data = auth.identities.identity_data || excluded.identity_data, updated_at = excluded.updated_at
            """,
            ("id", Guid.CreateVersion7(user.UpdatedAt)), ("user_id", user.Id), ("data", data), ("provider", provider),
            ("now", user.UpdatedAt)).ExecuteAsync(cancellationToken);

    public static AuthUser Read(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetFieldValue<Guid>(reader.GetOrdinal("id")),
        Audience = reader.TextOrNull("aud") ?? "",
        Role = reader.TextOrNull("role") ?? "",
        Email = reader.TextOrNull("email"),
        Phone = reader.TextOrNull("phone"),
        EncryptedPassword = reader.TextOrNull("encrypted_password"),
        AppMetadata = reader.ObjectOrEmpty("raw_app_meta_data"),
        UserMetadata = reader.ObjectOrEmpty("raw_user_meta_data"),
        Identities = JsonNode.Parse(reader.TextOrNull("identities")!)!.AsArray(),
        Factors = JsonNode.Parse(reader.TextOrNull("factors")!)!.AsArray(),
        IsAnonymous = reader.GetBoolean(reader.GetOrdinal("is_anonymous")),
        NewEmail = reader.TextOrNull("email_change"),
        NewPhone = reader.TextOrNull("phone_change"),
        CreatedAt = reader.ValueOrNull<DateTimeOffset>("created_at") ?? default,
        UpdatedAt = reader.ValueOrNull<DateTimeOffset>("updated_at") ?? default,
        EmailConfirmedAt = reader.ValueOrNull<DateTimeOffset>("email_confirmed_at"),
        PhoneConfirmedAt = reader.ValueOrNull<DateTimeOffset>("phone_confirmed_at"),
        InvitedAt = reader.ValueOrNull<DateTimeOffset>("invited_at"),
        ConfirmationSentAt = reader.ValueOrNull<DateTimeOffset>("confirmation_sent_at"),
        RecoverySentAt = reader.ValueOrNull<DateTimeOffset>("recovery_sent_at"),
        EmailChangeSentAt = reader.ValueOrNull<DateTimeOffset>("email_change_sent_at"),
        PhoneChangeSentAt = reader.ValueOrNull<DateTimeOffset>("phone_change_sent_at"),
        ReauthenticationSentAt = reader.ValueOrNull<DateTimeOffset>("reauthentication_sent_at"),
        LastSignInAt = reader.ValueOrNull<DateTimeOffset>("last_sign_in_at"),
        BannedUntil = reader.ValueOrNull<DateTimeOffset>("banned_until"),
        DeletedAt = reader.ValueOrNull<DateTimeOffset>("deleted_at"),
    };
}
