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
        RequireSize(preferences, "preferences_too_large");
        Preferences = preferences;
        UpdatedAt = now;
    }

    public void ReplaceSettings(JsonElement settings, DateTimeOffset now)
    {
        RequireSize(settings, "settings_too_large");
        Settings = settings;
        UpdatedAt = now;
    }

    private static void RequireSize(JsonElement document, string code) =>
        RuleViolationException.ThrowIf(
            JsonSerializer.SerializeToUtf8Bytes(document).Length > MaxDocumentBytes, code, "The document holds at most 64 KiB.");
}
