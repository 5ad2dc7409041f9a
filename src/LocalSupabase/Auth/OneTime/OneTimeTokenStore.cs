using Npgsql;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Auth.OneTime;

/// <summary>
/// Keeps the hashes of one-time tokens where Supabase keeps them: in <c>auth.one_time_tokens</c>, where they are looked up, and in the
/// user's row.
/// </summary>
internal static class OneTimeTokenStore
{
    /// <summary>Stores a token in place of an earlier one of its kind, and the time it was sent.</summary>
    public static Task IssueAsync(
        this NpgsqlConnection connection, OneTimeToken token, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (type, sentAt) = NamesOf(token.Kind);
        return connection.Command(
            $"""
            with issued as (
              insert into auth.one_time_tokens (id, user_id, token_type, token_hash, relates_to, created_at, updated_at)
              values (@id, @user, '{type}', @hash, @address, @now at time zone 'utc', @now at time zone 'utc')
              on conflict (user_id, token_type) do update
                set token_hash = excluded.token_hash, relates_to = excluded.relates_to, created_at = excluded.created_at,
                  updated_at = excluded.updated_at)
            update auth.users set {type} = @hash, {sentAt} = @now where id = @user
            """,
            ("id", Guid.CreateVersion7(now)), ("user", token.UserId), ("hash", token.Hash), ("address", token.Address), ("now", now))
            .ExecuteAsync(cancellationToken);
    }

    /// <summary>The token with a hash, with or without the mark of PKCE, and its user locked.</summary>
    public static Task<OneTimeToken?> FindTokenAsync(
        this NpgsqlConnection connection, string hash, IReadOnlyCollection<TokenKind> kinds, CancellationToken cancellationToken)
    {
        var bare = hash.StartsWith(OneTimeToken.PkcePrefix, StringComparison.Ordinal) ? hash[OneTimeToken.PkcePrefix.Length..] : hash;
        return connection.Command(
            """
            select t.user_id, t.token_type::text, t.token_hash, t.relates_to
            from auth.one_time_tokens t join auth.users u on u.id = t.user_id
            where t.token_hash = any(@hashes) and t.token_type::text = any(@types)
            for update of u
            """,
            ("hashes", new[] { bare, OneTimeToken.PkcePrefix + bare }), ("types", kinds.Select(kind => NamesOf(kind).Type).ToArray()))
            .FirstAsync(
                reader => new OneTimeToken(reader.GetGuid(0), KindOf(reader.GetString(1)), reader.GetString(2), reader.GetString(3)),
                cancellationToken);
    }

    public static Task<OneTimeToken?> FindTokenOfAsync(
        this NpgsqlConnection connection, Guid userId, TokenKind kind, CancellationToken cancellationToken) =>
        connection.Command(
            "select token_hash, relates_to from auth.one_time_tokens where user_id = @user and token_type::text = @type",
            ("user", userId), ("type", NamesOf(kind).Type))
            .FirstAsync(reader => new OneTimeToken(userId, kind, reader.GetString(0), reader.GetString(1)), cancellationToken);

    /// <summary>A token is good once.</summary>
    /// <returns>False where somebody else used it first.</returns>
    public static async Task<bool> SpendAsync(
        this NpgsqlConnection connection, Guid userId, TokenKind kind, CancellationToken cancellationToken)
    {
        var (type, _) = NamesOf(kind);
        var spent = await connection.Command(
            "delete from auth.one_time_tokens where user_id = @user and token_type::text = @type", ("user", userId), ("type", type))
            .ExecuteAsync(cancellationToken);
        await connection.Command($"update auth.users set {type} = '' where id = @user", ("user", userId)).ExecuteAsync(cancellationToken);
        return spent > 0;
    }

    /// <summary>How many of the two addresses of an e-mail change have agreed.</summary>
    public static Task<short> ReadChangeStatusAsync(this NpgsqlConnection connection, Guid userId, CancellationToken cancellationToken) =>
        connection.Command("select email_change_confirm_status from auth.users where id = @user", ("user", userId))
            .ScalarAsync<short>(cancellationToken);

    public static Task WriteChangeStatusAsync(
        this NpgsqlConnection connection, Guid userId, short status, CancellationToken cancellationToken) =>
        connection.Command(
            "update auth.users set email_change_confirm_status = @status where id = @user", ("user", userId), ("status", status))
            .ExecuteAsync(cancellationToken);

    // The type of a token is the name of its column too.
    private static (string Type, string SentAt) NamesOf(TokenKind kind) => kind switch
    {
        TokenKind.Confirmation => ("confirmation_token", "confirmation_sent_at"),
        TokenKind.Recovery => ("recovery_token", "recovery_sent_at"),
        TokenKind.EmailChangeCurrent => ("email_change_token_current", "email_change_sent_at"),
        TokenKind.EmailChangeNew => ("email_change_token_new", "email_change_sent_at"),
        TokenKind.PhoneChange => ("phone_change_token", "phone_change_sent_at"),
        _ => ("reauthentication_token", "reauthentication_sent_at"),
    };

    private static TokenKind KindOf(string type) => Enum.GetValues<TokenKind>().Single(kind => NamesOf(kind).Type == type);
}
