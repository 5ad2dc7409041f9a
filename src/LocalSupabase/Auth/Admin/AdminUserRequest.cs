using System.Text.Json.Nodes;
using Platform.LocalSupabase.Auth.Options;
using Platform.LocalSupabase.Auth.Passwords;
using Platform.LocalSupabase.Auth.Users;

namespace Platform.LocalSupabase.Auth.Admin;

/// <summary>What an administrator may say of a user, new or known. Nothing is mailed: the change counts at once.</summary>
internal sealed record AdminUserRequest(
    string? Id, string? Aud, string? Role, string? Email, string? Phone, string? Password, string? PasswordHash, bool? EmailConfirm,
    bool? PhoneConfirm, JsonObject? UserMetadata, JsonObject? AppMetadata, string? BanDuration)
{
    // The settings bind people; an administrator is held to the least that a password must be.
    private static readonly AuthOptions RulesOfAdministrators = new();

    /// <summary>The user after the change.</summary>
    /// <param name="user">The user before it.</param>
    /// <param name="newHash">What <see cref="NewHashAsync"/> gave.</param>
    /// <param name="now">When the change is made.</param>
    public AuthUser ApplyTo(AuthUser user, string? newHash, DateTimeOffset now)
    {
        var email = string.IsNullOrEmpty(Email) ? user.Email : EmailAddress.Normalize(Email);
        var phone = string.IsNullOrEmpty(Phone) ? user.Phone : Phone.TrimStart('+');
        var metadata = Metadata.Merge(user.UserMetadata, UserMetadata);
        return user with
        {
            Audience = string.IsNullOrEmpty(Aud) ? user.Audience : Aud,
            Role = string.IsNullOrEmpty(Role) ? user.Role : Role,
            Email = email,
            Phone = phone,
            EncryptedPassword = newHash ?? user.EncryptedPassword,
            EmailConfirmedAt = EmailConfirm == true ? user.EmailConfirmedAt ?? now : user.EmailConfirmedAt,
            PhoneConfirmedAt = PhoneConfirm == true ? user.PhoneConfirmedAt ?? now : user.PhoneConfirmedAt,
            UserMetadata = EmailConfirm == true && email is not null
                ? Metadata.Merge(metadata, new JsonObject { ["email_verified"] = true })
                : metadata,
            AppMetadata = Metadata.Merge(user.AppMetadata, AppMetadata),
            BannedUntil = BanDuration is null ? user.BannedUntil : Admin.BanDuration.Until(BanDuration, now),
            UpdatedAt = now,
        };
    }

    /// <summary>The hash of the new password, or the one that was given; null when the password stays what it is.</summary>
    public async Task<string?> NewHashAsync(PasswordHasher hasher, CancellationToken cancellationToken)
    {
        if (!string.IsNullOrEmpty(PasswordHash))
        {
            if (!string.IsNullOrEmpty(Password))
            {
                throw AuthException.Validation("Only a password or a password hash should be provided");
            }

            return Passwords.PasswordHash.IsKnown(PasswordHash)
                ? PasswordHash
                : throw AuthException.Validation("Only bcrypt, Argon2i, Argon2id and Firebase scrypt password hashes are supported");
        }

        if (string.IsNullOrEmpty(Password))
        {
            return null;
        }

        PasswordRules.Check(Password, RulesOfAdministrators);
        return await hasher.HashAsync(Password, cancellationToken);
    }
}
