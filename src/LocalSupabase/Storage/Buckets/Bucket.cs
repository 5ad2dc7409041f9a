using System.Text.Json.Nodes;
using Npgsql;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Storage.Buckets;

/// <summary>A row of <c>storage.buckets</c>.</summary>
internal sealed record Bucket(
    string Id, string Name, Guid? Owner, bool IsPublic, string Type, long? FileSizeLimit, string[]? AllowedMimeTypes,
    DateTimeOffset? CreatedAt, DateTimeOffset? UpdatedAt)
{
    public const string Select =
        """
        select id, name, owner, coalesce(public, false) as public, type::text, file_size_limit, allowed_mime_types, created_at, updated_at
        from storage.buckets
        """;

    public static Bucket Read(NpgsqlDataReader reader) => new(
        reader.GetString(0), reader.GetString(1), reader.ValueOrNull<Guid>("owner"), reader.GetBoolean(3), reader.GetString(4),
        reader.ValueOrNull<long>("file_size_limit"), reader.IsDBNull(6) ? null : reader.GetFieldValue<string[]>(6),
        reader.ValueOrNull<DateTimeOffset>("created_at"), reader.ValueOrNull<DateTimeOffset>("updated_at"));

    public static Task<Bucket?> FindAsync(NpgsqlConnection connection, string id, CancellationToken cancellationToken) =>
        connection.Command($"{Select} where id = @id", ("id", id)).FirstAsync(Read, cancellationToken);

    /// <summary>Whether the bucket takes a media type: any when it names none, else the same type or <c>image/*</c>.</summary>
    public bool Takes(string mimeType)
    {
        var type = mimeType.Split(';')[0].Trim();
        return AllowedMimeTypes is not { Length: > 0 } allowed || allowed.Any(pattern =>
            pattern is "*" or "*/*"
            || pattern.Equals(type, StringComparison.OrdinalIgnoreCase)
            || (pattern.EndsWith("/*", StringComparison.Ordinal) && type.StartsWith(pattern[..^1], StringComparison.OrdinalIgnoreCase)));
    }

    public JsonObject ToJson(bool withType)
    {
        var json = new JsonObject
        {
            ["id"] = Id,
            ["name"] = Name,
            ["owner"] = Owner?.ToString() ?? "",
            ["public"] = IsPublic,
            ["file_size_limit"] = FileSizeLimit,
            ["allowed_mime_types"] = AllowedMimeTypes is null ? null : new JsonArray([.. AllowedMimeTypes.Select(type => JsonValue.Create(type))]),
            ["created_at"] = StorageTime.Format(CreatedAt),
            ["updated_at"] = StorageTime.Format(UpdatedAt),
        };
        if (withType)
        {
            json["type"] = Type;
        }

        return json;
    }
}
