using System.Text.Json.Nodes;
using Npgsql;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Auth.OAuth;

/// <summary>Reads and writes identities of accounts elsewhere on a connection that the caller owns.</summary>
internal static class IdentityStore
{
    /// <summary>Puts everybody who signs in with this account in line, whether it is known yet or not.</summary>
    public static Task LockIdentityAsync(this NpgsqlConnection connection, ExternalProfile profile, CancellationToken cancellationToken) =>
        connection.Command(
            "select pg_advisory_xact_lock(hashtextextended(@key, 0))", ("key", $"{profile.Provider} {profile.Subject}"))
            .ExecuteAsync(cancellationToken);

    public static Task<Guid?> FindOwnerAsync(this NpgsqlConnection connection, ExternalProfile profile, CancellationToken cancellationToken) =>
        connection.Command(
            "select user_id from auth.identities where provider = @provider and provider_id = @subject",
            ("provider", profile.Provider), ("subject", profile.Subject)).ScalarAsync<Guid?>(cancellationToken);

    /// <summary>Adds the identity, or brings what is known of it up to date. Its owner never changes.</summary>
    public static Task SaveIdentityAsync(
        this NpgsqlConnection connection, ExternalProfile profile, Guid userId, DateTimeOffset now, CancellationToken cancellationToken) =>
        connection.Command(
            """
            insert into auth.identities (id, provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at)
            values (@id, @subject, @user, @data, @provider, @now, @now, @now)
            on conflict (provider_id, provider) do update
              set identity_data = excluded.identity_data, last_sign_in_at = excluded.last_sign_in_at, updated_at = excluded.updated_at
            """,
            ("id", Guid.CreateVersion7(now)), ("subject", profile.Subject), ("user", userId), ("data", profile.Claims),
            ("provider", profile.Provider), ("now", now)).ExecuteAsync(cancellationToken);

    /// <summary>
    /// Takes everything from a user that somebody set who never proved to own the address: password, identities, factors, sessions,
    /// data. What is left is the address, for its owner.
    /// </summary>
    public static Task DropUnconfirmedAsync(this NpgsqlConnection connection, Guid userId, DateTimeOffset now, CancellationToken cancellationToken) =>
        connection.Command(
            """
            with identities as (
                delete from auth.identities
                where user_id = @user and coalesce(identity_data ->> 'email_verified', 'false') <> 'true'),
              factors as (delete from auth.mfa_factors where user_id = @user),
              sessions as (delete from auth.sessions where user_id = @user),
              tokens as (delete from auth.one_time_tokens where user_id = @user)
            update auth.users set encrypted_password = null, raw_user_meta_data = '{}',
              raw_app_meta_data = raw_app_meta_data - 'provider' - 'providers',
              phone = case when phone_confirmed_at is null then null else phone end, email_change = '', phone_change = '',
              confirmation_token = '', recovery_token = '', email_change_token_new = '', email_change_token_current = '',
              phone_change_token = '', reauthentication_token = '', updated_at = @now
            where id = @user
            """,
            ("user", userId), ("now", now)).ExecuteAsync(cancellationToken);

    /// <summary>Removes an identity of the user and gives what it was; null when the user has no such.</summary>
    public static Task<JsonObject?> RemoveIdentityAsync(
        this NpgsqlConnection connection, Guid identityId, Guid userId, CancellationToken cancellationToken) =>
        connection.Command(
            """
            delete from auth.identities where id = @id and user_id = @user
            returning jsonb_build_object('provider', provider, 'email', email) as removed
            """,
            ("id", identityId), ("user", userId)).FirstAsync(reader => reader.ObjectOrEmpty("removed"), cancellationToken);
}
