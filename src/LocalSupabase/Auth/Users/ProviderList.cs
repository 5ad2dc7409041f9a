using Npgsql;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Auth.Users;

/// <summary>The providers that a user's <c>app_metadata</c> names. They follow the identities, whoever adds or removes one.</summary>
internal static class ProviderList
{
    /// <summary>Brings the list up to date. The first provider stays what it is for as long as the user has it.</summary>
    public static Task RefreshProvidersAsync(this NpgsqlConnection connection, Guid userId, CancellationToken cancellationToken) =>
        connection.Command(
            """
            update auth.users u set raw_app_meta_data = coalesce(u.raw_app_meta_data, '{}') || jsonb_build_object(
              'provider', case when p.names ? (u.raw_app_meta_data ->> 'provider') then u.raw_app_meta_data -> 'provider' else p.names -> 0 end,
              'providers', p.names)
            from (
              select jsonb_agg(provider order by first) as names
              from (select provider, min(created_at) as first from auth.identities where user_id = @user group by provider) i) p
            where u.id = @user and p.names is not null
            """,
            ("user", userId)).ExecuteAsync(cancellationToken);

    /// <summary>The same, and the user as it is then.</summary>
    public static async Task<AuthUser> RefreshProvidersAsync(
        this NpgsqlConnection connection, AuthUser user, CancellationToken cancellationToken)
    {
        await connection.RefreshProvidersAsync(user.Id, cancellationToken);
        return await connection.FindAsync(user.Id, cancellationToken) ?? user;
    }
}
