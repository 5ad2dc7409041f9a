using Npgsql;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Auth.Sessions;

/// <summary>Ends sessions. Refresh tokens and factors' claims go with them by foreign key.</summary>
internal static class SessionStore
{
    public static Task EndAllAsync(this NpgsqlConnection connection, Guid userId, CancellationToken cancellationToken) =>
        connection.Command("delete from auth.sessions where user_id = @user", ("user", userId)).ExecuteAsync(cancellationToken);

    public static Task EndAsync(this NpgsqlConnection connection, Guid sessionId, CancellationToken cancellationToken) =>
        connection.Command("delete from auth.sessions where id = @id", ("id", sessionId)).ExecuteAsync(cancellationToken);

    public static Task EndOthersAsync(
        this NpgsqlConnection connection, Guid userId, Guid? sessionId, CancellationToken cancellationToken) =>
        connection.Command(
            "delete from auth.sessions where user_id = @user and id <> @keep", ("user", userId), ("keep", sessionId ?? Guid.Empty))
            .ExecuteAsync(cancellationToken);

    /// <summary>A link mailed before a password change must not undo it.</summary>
    public static Task DropOneTimeTokensAsync(this NpgsqlConnection connection, Guid userId, CancellationToken cancellationToken) =>
        connection.Command(
            """
            with dropped as (delete from auth.one_time_tokens where user_id = @user)
            update auth.users set confirmation_token = '', recovery_token = '', email_change_token_new = '', email_change_token_current = '',
              phone_change_token = '', reauthentication_token = ''
            where id = @user
            """,
            ("user", userId)).ExecuteAsync(cancellationToken);
}
