using Microsoft.AspNetCore.Http;
using Npgsql;
using Platform.LocalSupabase.Auth.Users;

namespace Platform.LocalSupabase.Auth.Admin;

/// <summary>What the admin slices share.</summary>
internal static class AdminUsers
{
    public static Guid IdOf(string id) => Guid.TryParseExact(id, "D", out var userId)
        ? userId
        : throw new AuthException(StatusCodes.Status404NotFound, "validation_failed", "user_id must be an UUID");

    public static AuthException Translate(PostgresException exception) => exception.ConstraintName switch
    {
        "users_phone_key" => AuthException.PhoneExists(),
        "users_pkey" => new AuthException(StatusCodes.Status422UnprocessableEntity, "user_already_exists", "User already registered"),
        _ => AuthException.EmailExists(),
    };

    /// <summary>An address always has its identity, and the list of providers follows the identities.</summary>
    public static async Task SaveIdentitiesAsync(NpgsqlConnection connection, AuthUser user, CancellationToken cancellationToken)
    {
        if (!string.IsNullOrEmpty(user.Email))
        {
            await connection.SaveAddressIdentityAsync(user, "email", AddressIdentity.Of(user), cancellationToken);
        }

        if (!string.IsNullOrEmpty(user.Phone))
        {
            await connection.SaveAddressIdentityAsync(user, "phone", AddressIdentity.OfPhone(user), cancellationToken);
        }
    }
}
