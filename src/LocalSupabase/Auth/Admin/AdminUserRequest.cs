using System.Text.Json.Nodes;
using Platform.LocalSupabase.Auth.Users;

namespace Platform.LocalSupabase.Auth.Admin;

/// <summary>What an administrator may say of a user, new or known. Nothing is mailed: the change counts at once.</summary>
internal sealed record AdminUserRequest(
    string? Id, string? Aud, string? Role, string? Email, string? Phone, string? Password, string? PasswordHash, bool? EmailConfirm,
    bool? PhoneConfirm, JsonObject? UserMetadata, JsonObject? AppMetadata, string? BanDuration)
{
    /// <summary>The user after the change.</summary>
    public AuthUser ApplyTo(AuthUser user, DateTimeOffset now)
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
            EncryptedPassword = NewHash() ?? user.EncryptedPassword,
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

    private string? NewHash()
    {
        if (!string.IsNullOrEmpty(PasswordHash))
        {
            if (!string.IsNullOrEmpty(Password))
            {
                throw AuthException.Validation("Only a password or a password hash should be provided");
            }

            return PasswordHash.StartsWith("$2", StringComparison.Ordinal) && PasswordHash.Length == 60
                ? PasswordHash
                : throw AuthException.Validation("Only bcrypt password hashes are supported");
        }

        if (string.IsNullOrEmpty(Password))
        {
            return null;
        }

        UserPassword.Check(Password);
        return UserPassword.Hash(Password);
    }
}
