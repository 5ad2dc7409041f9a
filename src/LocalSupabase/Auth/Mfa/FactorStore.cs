using System.Net;
using Npgsql;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Auth.Mfa;

/// <summary>A row of <c>auth.mfa_factors</c>.</summary>
internal sealed record Factor(Guid Id, string Type, string Status, string? Secret, string? FriendlyName)
{
    public bool IsVerified => Status == "verified";
}

/// <summary>A row of <c>auth.mfa_challenges</c>: good once, for a while, and from the address that asked for it.</summary>
internal sealed record Challenge(DateTimeOffset CreatedAt, DateTimeOffset? VerifiedAt, IPAddress Address);

/// <summary>Reads and writes factors and challenges on a connection that the caller owns.</summary>
internal static class FactorStore
{
    public static Task<List<Factor>> FactorsOfAsync(this NpgsqlConnection connection, Guid userId, CancellationToken cancellationToken) =>
        connection.Command(
            "select id, factor_type::text, status::text, secret, friendly_name from auth.mfa_factors where user_id = @user order by created_at, id",
            ("user", userId))
            .ListAsync(
                reader => new Factor(
                    reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.TextOrNull("secret"), reader.TextOrNull("friendly_name")),
                cancellationToken);

    public static Task DropExpiredFactorsAsync(
        this NpgsqlConnection connection, Guid userId, DateTimeOffset createdBefore, CancellationToken cancellationToken) =>
        connection.Command(
            "delete from auth.mfa_factors where user_id = @user and status = 'unverified' and created_at < @before",
            ("user", userId), ("before", createdBefore)).ExecuteAsync(cancellationToken);

    public static Task InsertFactorAsync(
        this NpgsqlConnection connection, Guid id, Guid userId, string? friendlyName, string secret, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        connection.Command(
            """
            insert into auth.mfa_factors (id, user_id, friendly_name, factor_type, status, created_at, updated_at, secret)
            values (@id, @user, @name, 'totp', 'unverified', @now, @now, @secret)
            """,
            ("id", id), ("user", userId), ("name", friendlyName), ("now", now), ("secret", secret)).ExecuteAsync(cancellationToken);

    public static Task InsertChallengeAsync(
        this NpgsqlConnection connection, Guid id, Guid factorId, IPAddress address, DateTimeOffset now, CancellationToken cancellationToken) =>
        connection.Command(
            """
            with challenged as (update auth.mfa_factors set last_challenged_at = @now where id = @factor)
            insert into auth.mfa_challenges (id, factor_id, created_at, ip_address) values (@id, @factor, @now, @address)
            """,
            ("id", id), ("factor", factorId), ("now", now), ("address", address)).ExecuteAsync(cancellationToken);

    public static Task<Challenge?> FindChallengeForUpdateAsync(
        this NpgsqlConnection connection, Guid id, Guid factorId, CancellationToken cancellationToken) =>
        connection.Command(
            "select created_at, verified_at, ip_address from auth.mfa_challenges where id = @id and factor_id = @factor for update",
            ("id", id), ("factor", factorId))
            .FirstAsync(
                reader => new Challenge(
                    reader.GetFieldValue<DateTimeOffset>(0), reader.ValueOrNull<DateTimeOffset>("verified_at"), reader.GetFieldValue<IPAddress>(2)),
                cancellationToken);

    /// <summary>Marks the challenge and its factor, and drops the user's factors of that kind that never were verified.</summary>
    public static Task MarkVerifiedAsync(
        this NpgsqlConnection connection, Guid challengeId, Guid factorId, Guid userId, DateTimeOffset now, CancellationToken cancellationToken) =>
        connection.Command(
            """
            with challenge as (update auth.mfa_challenges set verified_at = @now where id = @challenge),
              others as (
                delete from auth.mfa_factors
                where user_id = @user and id <> @factor and status = 'unverified' and factor_type = 'totp')
            update auth.mfa_factors set status = 'verified', updated_at = case when status = 'verified' then updated_at else @now end
            where id = @factor
            """,
            ("now", now), ("challenge", challengeId), ("factor", factorId), ("user", userId)).ExecuteAsync(cancellationToken);

    /// <summary>Whether the code of this step is new for the factor. Steps only go forward.</summary>
    public static async Task<bool> UseCodeAsync(
        this NpgsqlConnection connection, Guid factorId, long step, CancellationToken cancellationToken) =>
        await connection.Command(
            """
            insert into auth.mfa_used_codes (factor_id, time_step) values (@factor, @step)
            on conflict (factor_id) do update set time_step = excluded.time_step where auth.mfa_used_codes.time_step < excluded.time_step
            """,
            ("factor", factorId), ("step", step)).ExecuteAsync(cancellationToken) == 1;

    /// <summary>Counts one more attempt of the user, and gives the attempts of the present window.</summary>
    public static Task<int> CountAttemptAsync(
        this NpgsqlConnection connection, Guid userId, DateTimeOffset now, CancellationToken cancellationToken) =>
        connection.Command(
            """
            insert into auth.mfa_attempts (user_id, window_started_at, attempts) values (@user, @now, 1)
            on conflict (user_id) do update set
              attempts = case when auth.mfa_attempts.window_started_at <= @now - interval '1 minute' then 1 else auth.mfa_attempts.attempts + 1 end,
              window_started_at = case when auth.mfa_attempts.window_started_at <= @now - interval '1 minute' then @now
                else auth.mfa_attempts.window_started_at end
            returning attempts
            """,
            ("user", userId), ("now", now)).ScalarAsync<int>(cancellationToken);

    /// <summary>Removes a factor. Sessions that it had raised are at the first level again, with their next token.</summary>
    public static Task RemoveFactorAsync(this NpgsqlConnection connection, Guid factorId, CancellationToken cancellationToken) =>
        connection.Command(
            """
            with lowered as (update auth.sessions set aal = 'aal1', factor_id = null where factor_id = @factor returning id),
              claims as (
                delete from auth.mfa_amr_claims c using lowered where c.session_id = lowered.id and c.authentication_method = 'totp')
            delete from auth.mfa_factors where id = @factor
            """,
            ("factor", factorId)).ExecuteAsync(cancellationToken);

    public static Task EndBelowSecondLevelAsync(this NpgsqlConnection connection, Guid userId, CancellationToken cancellationToken) =>
        connection.Command("delete from auth.sessions where user_id = @user and coalesce(aal, 'aal1') = 'aal1'", ("user", userId))
            .ExecuteAsync(cancellationToken);
}
