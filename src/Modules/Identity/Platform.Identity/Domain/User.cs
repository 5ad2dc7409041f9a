using System.Text.Json;

namespace Platform.Identity.Domain;

/// <summary>A person. The row follows Supabase Auth's by a trigger; the address changes there alone.</summary>
internal sealed class User
{
    public const int MaxFullNameLength = 200;

    private User(Guid id, string? email, string? fullName, JsonElement metadata, DateTimeOffset createdAt, DateTimeOffset updatedAt) =>
        (Id, Email, FullName, Metadata, CreatedAt, UpdatedAt) = (id, email, fullName, metadata, createdAt, updatedAt);

    public Guid Id { get; private init; }

    public string? Email { get; private init; }

    public string? FullName { get; private set; }

    public JsonElement Metadata { get; private set; }

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset UpdatedAt { get; private set; }

    public void Rename(string? fullName, DateTimeOffset now)
    {
        FullName = string.IsNullOrWhiteSpace(fullName) ? null : fullName.Trim();
        UpdatedAt = now;
    }

    public void ReplaceMetadata(JsonElement metadata, DateTimeOffset now)
    {
        Metadata = metadata;
        UpdatedAt = now;
    }
}
