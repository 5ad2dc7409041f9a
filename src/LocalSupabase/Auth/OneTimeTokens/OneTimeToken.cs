using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Org.BouncyCastle.Crypto.Digests;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Auth.OneTimeTokens;

internal enum OneTimeTokenKind
{
    Confirmation,
    Recovery,
    EmailChangeCurrent,
    EmailChangeNew,
}

/// <summary>A code that proves an address, once. Only its hash is stored; a link carries the hash, a person types the code.</summary>
internal sealed record OneTimeToken(OneTimeTokenKind Kind, string Address, string Code)
{
    private const int Digits = 6;

    /// <summary>Hexadecimal SHA-224 of address and code.</summary>
    public string Hash => HashOf(Address, Code);

    public static OneTimeToken New(OneTimeTokenKind kind, string address) =>
        new(kind, address, RandomNumberGenerator.GetString("0123456789", Digits));

    public static string HashOf(string address, string code)
    {
        var digest = new Sha224Digest();
        var input = Encoding.UTF8.GetBytes(address + code);
        digest.BlockUpdate(input, 0, input.Length);
        var hash = new byte[digest.GetDigestSize()];
        digest.DoFinal(hash, 0);
        return Convert.ToHexStringLower(hash);
    }

    /// <summary>Stores the token for the user. One of each kind is good; a newer one replaces it.</summary>
    public async Task SaveAsync(NpgsqlConnection connection, Guid userId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (type, sentAt) = Kind switch
        {
            OneTimeTokenKind.Confirmation => ("confirmation_token", "confirmation_sent_at"),
            OneTimeTokenKind.Recovery => ("recovery_token", "recovery_sent_at"),
            OneTimeTokenKind.EmailChangeCurrent => ("email_change_token_current", "email_change_sent_at"),
            _ => ("email_change_token_new", "email_change_sent_at"),
        };
        await connection.Command(
            $"update auth.users set {type} = @hash, {sentAt} = @now, updated_at = @now where id = @user",
            ("hash", Hash), ("now", now), ("user", userId)).ExecuteAsync(cancellationToken);
        await connection.Command(
            """
            insert into auth.one_time_tokens (id, user_id, token_type, token_hash, relates_to, created_at, updated_at)
            values (@id, @user, @type::auth.one_time_token_type, @hash, @address, @now at time zone 'utc', @now at time zone 'utc')
            on conflict (user_id, token_type) do update set token_hash = excluded.token_hash, relates_to = excluded.relates_to,
              created_at = excluded.created_at, updated_at = excluded.updated_at
            """,
            ("id", Guid.CreateVersion7(now)), ("user", userId), ("type", type), ("hash", Hash), ("address", Address), ("now", now))
            .ExecuteAsync(cancellationToken);
    }
}
