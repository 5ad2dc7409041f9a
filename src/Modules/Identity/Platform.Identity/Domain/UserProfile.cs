using System.Text.Json;
using Platform.SharedKernel.Errors;

namespace Platform.Identity.Domain;

/// <summary>What a person has chosen: preferences of the front end, settings of the product.</summary>
internal sealed class UserProfile
{
    public const int MaxDocumentBytes = 64 * 1024;

    private UserProfile(
        Guid id, Guid userId, JsonElement preferences, JsonElement settings, DateTimeOffset createdAt, DateTimeOffset updatedAt) =>
        (Id, UserId, Preferences, Settings, CreatedAt, UpdatedAt) = (id, userId, preferences, settings, createdAt, updatedAt);

    public Guid Id { get; private init; }

    public Guid UserId { get; private init; }

    public JsonElement Preferences { get; private set; }

    public JsonElement Settings { get; private set; }

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset UpdatedAt { get; private set; }

    public void ReplacePreferences(JsonElement preferences, DateTimeOffset now)
    {
        RuleViolationException.ThrowIf(IsTooLarge(preferences), "preferences_too_large", "Preferences hold at most 64 KiB.");
        Preferences = preferences;
        UpdatedAt = now;
    }

    public void ReplaceSettings(JsonElement settings, DateTimeOffset now)
    {
        RuleViolationException.ThrowIf(IsTooLarge(settings), "settings_too_large", "Settings hold at most 64 KiB.");
        Settings = settings;
        UpdatedAt = now;
    }

    private static bool IsTooLarge(JsonElement document) => JsonSerializer.SerializeToUtf8Bytes(document).Length > MaxDocumentBytes;
}
