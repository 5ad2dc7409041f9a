using System.Globalization;
using System.Text.Json.Nodes;

namespace Platform.LocalSupabase.Auth.Users;

/// <summary>A row of <c>auth.users</c> with its identities and factors, which the database gives in the shape clients see.</summary>
internal sealed record AuthUser
{
    public const string AuthenticatedAudience = "authenticated";

    public required Guid Id { get; init; }

    public string Audience { get; init; } = AuthenticatedAudience;

    public string Role { get; init; } = AuthenticatedAudience;

    public string? Email { get; init; }

    public string? Phone { get; init; }

    public string? EncryptedPassword { get; init; }

    public JsonObject AppMetadata { get; init; } = [];

    public JsonObject UserMetadata { get; init; } = [];

    public JsonArray Identities { get; init; } = [];

    public JsonArray Factors { get; init; } = [];

    public bool IsAnonymous { get; init; }

    public string? NewEmail { get; init; }

    public string? NewPhone { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    public DateTimeOffset? EmailConfirmedAt { get; init; }

    public DateTimeOffset? PhoneConfirmedAt { get; init; }

    public DateTimeOffset? InvitedAt { get; init; }

    public DateTimeOffset? ConfirmationSentAt { get; init; }

    public DateTimeOffset? RecoverySentAt { get; init; }

    public DateTimeOffset? EmailChangeSentAt { get; init; }

    public DateTimeOffset? PhoneChangeSentAt { get; init; }

    public DateTimeOffset? ReauthenticationSentAt { get; init; }

    public DateTimeOffset? LastSignInAt { get; init; }

    public DateTimeOffset? BannedUntil { get; init; }

    public DateTimeOffset? DeletedAt { get; init; }

    public bool IsBannedAt(DateTimeOffset now) => BannedUntil > now;

    public static string Format(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>The user as clients see it: a fixed part, and what is set. Never a hash or a token.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["id"] = Id.ToString(),
            ["aud"] = Audience,
            ["role"] = Role,
            ["email"] = Email ?? "",
            ["phone"] = Phone ?? "",
            ["app_metadata"] = AppMetadata.DeepClone(),
            ["user_metadata"] = UserMetadata.DeepClone(),
            ["identities"] = Identities.DeepClone(),
            ["created_at"] = Format(CreatedAt),
            ["updated_at"] = Format(UpdatedAt),
            ["is_anonymous"] = IsAnonymous,
        };
        Add(json, "email_confirmed_at", EmailConfirmedAt);
        Add(json, "phone_confirmed_at", PhoneConfirmedAt);
        Add(json, "confirmed_at", EmailConfirmedAt is null || PhoneConfirmedAt < EmailConfirmedAt ? PhoneConfirmedAt : EmailConfirmedAt);
        Add(json, "invited_at", InvitedAt);
        Add(json, "confirmation_sent_at", ConfirmationSentAt);
        Add(json, "recovery_sent_at", RecoverySentAt);
        Add(json, "email_change_sent_at", EmailChangeSentAt);
        Add(json, "phone_change_sent_at", PhoneChangeSentAt);
        Add(json, "reauthentication_sent_at", ReauthenticationSentAt);
        Add(json, "last_sign_in_at", LastSignInAt);
        Add(json, "banned_until", BannedUntil);
        Add(json, "deleted_at", DeletedAt);
        if (!string.IsNullOrEmpty(NewEmail))
        {
            json["new_email"] = NewEmail;
        }

        if (!string.IsNullOrEmpty(NewPhone))
        {
            json["new_phone"] = NewPhone;
        }

        if (Factors.Count > 0)
        {
            json["factors"] = Factors.DeepClone();
        }

        return json;
    }

    private static void Add(JsonObject json, string name, DateTimeOffset? time)
    {
        if (time is { } value)
        {
            json[name] = Format(value);
        }
    }
}
