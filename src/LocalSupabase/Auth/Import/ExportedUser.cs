using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Platform.LocalSupabase.Auth.Passwords;
using Platform.LocalSupabase.Auth.Users;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Auth.Import;

/// <summary>A user as a row of <c>auth.users</c> or as the admin API shows it; both are exported.</summary>
internal sealed record ExportedUser(AuthUser User, JsonArray Identities, JsonArray Factors, bool IsSingleSignOn, List<string> Notes)
{
    // A token with such a role administers the project.
    private static readonly string[] ForbiddenRoles = ["service_role", "supabase_admin"];

    public static ExportedUser Read(JsonObject json, DateTimeOffset now)
    {
        if (!Guid.TryParse(Text(json, "id"), out var id) || id == Guid.Empty)
        {
            throw AuthException.Validation("it has no id that is a UUID");
        }

        var email = Text(json, "email");
        var phone = Text(json, "phone")?.TrimStart('+');
        var role = Text(json, "role") ?? AuthUser.AuthenticatedAudience;
        if (ForbiddenRoles.Contains(role))
        {
            throw AuthException.Validation($"the role {role} is no user's");
        }

        var notes = new List<string>();
        var created = Time(json, "created_at") ?? now;
        var user = new AuthUser
        {
            Id = id,
            Audience = Text(json, "aud") ?? AuthUser.AuthenticatedAudience,
            Role = role,
            Email = email is null ? null : EmailAddress.Normalize(email),
            Phone = phone,
            EncryptedPassword = PasswordOf(json, notes),
            AppMetadata = Object(json, "raw_app_meta_data", "app_metadata"),
            UserMetadata = Object(json, "raw_user_meta_data", "user_metadata"),
            IsAnonymous = Flag(json, "is_anonymous"),
            CreatedAt = created,
            UpdatedAt = Time(json, "updated_at") ?? created,
            EmailConfirmedAt = Time(json, "email_confirmed_at"),
            PhoneConfirmedAt = Time(json, "phone_confirmed_at"),
            InvitedAt = Time(json, "invited_at"),
            ConfirmationSentAt = Time(json, "confirmation_sent_at"),
            LastSignInAt = Time(json, "last_sign_in_at"),
            BannedUntil = Time(json, "banned_until"),
            DeletedAt = Time(json, "deleted_at"),
        };
        if (user is { Email: null, Phone: null, IsAnonymous: false } && List(json, "identities").Count == 0)
        {
            throw AuthException.Validation("it has neither an address nor an identity");
        }

        return new ExportedUser(user, List(json, "identities"), FactorsOf(json, notes), Flag(json, "is_sso_user"), notes);
    }

    /// <summary>Adds the user with all that is theirs, in the caller's transaction.</summary>
    public async Task InsertAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await connection.InsertAsync(User, cancellationToken);
        await connection.Command(
            """
            update auth.users set updated_at = @updated, last_sign_in_at = @signed_in, invited_at = @invited, deleted_at = @deleted,
              is_sso_user = @sso
            where id = @id
            """,
            ("updated", User.UpdatedAt), ("signed_in", User.LastSignInAt), ("invited", User.InvitedAt), ("deleted", User.DeletedAt),
            ("sso", IsSingleSignOn), ("id", User.Id)).ExecuteAsync(cancellationToken);
        foreach (var identity in Identities.OfType<JsonObject>())
        {
            await InsertIdentityAsync(connection, identity, cancellationToken);
        }

        if (Identities.Count == 0 && User.Email is not null)
        {
            await connection.SaveAddressIdentityAsync(User, "email", AddressIdentity.Of(User), cancellationToken);
        }

        if (Identities.Count == 0 && User.Phone is not null)
        {
            await connection.SaveAddressIdentityAsync(User, "phone", AddressIdentity.OfPhone(User), cancellationToken);
        }

        foreach (var factor in Factors.OfType<JsonObject>())
        {
            await InsertFactorAsync(connection, factor, cancellationToken);
        }
    }

    // A row names the subject "provider_id" and itself "id"; the API calls them "id" and "identity_id".
    private Task<int> InsertIdentityAsync(NpgsqlConnection connection, JsonObject identity, CancellationToken cancellationToken)
    {
        var provider = Text(identity, "provider") ?? throw AuthException.Validation("one of its identities has no provider");
        var data = Object(identity, "identity_data", "identity_data");
        var subject = Text(identity, "provider_id") ?? Text(data, "sub") ?? Text(identity, "id")
            ?? throw AuthException.Validation("one of its identities has no subject");
        var rowId = Text(identity, identity.ContainsKey("provider_id") ? "id" : "identity_id");
        var created = Time(identity, "created_at") ?? User.CreatedAt;
        return connection.Command(
            """
            insert into auth.identities (id, provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at)
            values (@id, @subject, @user, @data, @provider, @signed_in, @created, @updated)
            """,
            ("id", Guid.TryParse(rowId, out var id) ? id : Guid.CreateVersion7(created)), ("subject", subject), ("user", User.Id), ("data", data),
            ("provider", provider), ("signed_in", Time(identity, "last_sign_in_at")), ("created", created),
            ("updated", Time(identity, "updated_at") ?? created)).ExecuteAsync(cancellationToken);
    }

    private Task<int> InsertFactorAsync(NpgsqlConnection connection, JsonObject factor, CancellationToken cancellationToken) =>
        connection.Command(
            """
            insert into auth.mfa_factors (id, user_id, friendly_name, factor_type, status, created_at, updated_at, secret)
            values (@id, @user, @name, 'totp', 'verified', @created, @created, @secret)
            """,
            ("id", Guid.TryParse(Text(factor, "id"), out var id) ? id : Guid.CreateVersion7(User.CreatedAt)), ("user", User.Id),
            ("name", Text(factor, "friendly_name")), ("created", Time(factor, "created_at") ?? User.CreatedAt), ("secret", Text(factor, "secret")))
            .ExecuteAsync(cancellationToken);

    private static string? PasswordOf(JsonObject json, List<string> notes)
    {
        var hash = Text(json, "encrypted_password") ?? Text(json, "password_hash");
        if (hash is null || PasswordHash.IsKnown(hash))
        {
            return hash;
        }

        notes.Add("its password hash is of no kind that is known here and was left out; the user has to set a new password");
        return null;
    }

    private static JsonArray FactorsOf(JsonObject json, List<string> notes)
    {
        var usable = new JsonArray();
        var factors = List(json, "mfa_factors").Concat(List(json, "factors")).OfType<JsonObject>();
        foreach (var factor in factors.Where(factor => Text(factor, "status") == "verified"))
        {
            if (Text(factor, "factor_type") == "totp" && Text(factor, "secret") is not null)
            {
                usable.Add(factor.DeepClone());
            }
            else
            {
                notes.Add("a second factor without a TOTP secret was left out; the user has to enrol it again");
            }
        }

        return usable;
    }

    private static string? Text(JsonObject json, string name) =>
        json[name] is JsonValue value && value.GetValueKind() == JsonValueKind.String && value.GetValue<string>() is { Length: > 0 } text
            ? text
            : null;

    private static bool Flag(JsonObject json, string name) => json[name] is JsonValue value && value.GetValueKind() == JsonValueKind.True;

    private static DateTimeOffset? Time(JsonObject json, string name)
    {
        if (Text(json, name) is not { } text)
        {
            return null;
        }

        const DateTimeStyles utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, utc, out var time)
            ? time
            : throw AuthException.Validation($"{name} is no time");
    }

    private static JsonArray List(JsonObject json, string name) => json[name] as JsonArray ?? [];

    // Exports of tables as CSV or text hold JSON as a string.
    private static JsonObject Object(JsonObject json, string name, string otherName)
    {
        var value = json[name] ?? json[otherName];
        try
        {
            value = value is JsonValue text && text.GetValueKind() == JsonValueKind.String ? JsonNode.Parse(text.GetValue<string>()) : value;
        }
        catch (JsonException)
        {
            throw AuthException.Validation($"{name} is no JSON");
        }

        return value is JsonObject found ? found.DeepClone().AsObject() : [];
    }
}
