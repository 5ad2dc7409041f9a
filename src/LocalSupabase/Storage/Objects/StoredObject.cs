using System.Text.Json.Nodes;
using Npgsql;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Storage.Objects;

/// <summary>A row of <c>storage.objects</c>.</summary>
internal sealed record StoredObject(
    Guid Id, string Bucket, string Name, Guid? Owner, string? OwnerId, string? Version, JsonObject Metadata, JsonObject UserMetadata,
    DateTimeOffset? CreatedAt, DateTimeOffset? UpdatedAt, DateTimeOffset? LastAccessedAt)
{
    public const string Columns =
        "id, bucket_id, name, owner, owner_id, version, metadata, user_metadata, created_at, updated_at, last_accessed_at";

    public string MimeType => Text("mimetype") ?? "application/octet-stream";

    public string CacheControl => Text("cacheControl") ?? "no-cache";

    public string? ETag => Text("eTag");

    public long Size => Metadata["size"] is JsonValue value && value.TryGetValue<long>(out var size) ? size : 0;

    public static StoredObject Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.ValueOrNull<Guid>("owner"), reader.TextOrNull("owner_id"),
        reader.TextOrNull("version"), reader.ObjectOrEmpty("metadata"), reader.ObjectOrEmpty("user_metadata"),
        reader.ValueOrNull<DateTimeOffset>("created_at"), reader.ValueOrNull<DateTimeOffset>("updated_at"),
        reader.ValueOrNull<DateTimeOffset>("last_accessed_at"));

    public static Task<StoredObject?> FindAsync(NpgsqlConnection connection, string bucket, string key, CancellationToken cancellationToken) =>
        connection.Command(
            $"select {Columns} from storage.objects where bucket_id = @bucket and name = @key", ("bucket", bucket), ("key", key))
            .FirstAsync(Read, cancellationToken);

    public JsonObject ToJson() => new()
    {
        ["id"] = Id.ToString(),
        ["name"] = Name,
        ["bucket_id"] = Bucket,
        ["owner"] = Owner?.ToString(),
        ["owner_id"] = OwnerId,
        ["version"] = Version,
        ["metadata"] = Metadata.DeepClone(),
        ["user_metadata"] = UserMetadata.DeepClone(),
        ["created_at"] = StorageTime.Format(CreatedAt),
        ["updated_at"] = StorageTime.Format(UpdatedAt),
        ["last_accessed_at"] = StorageTime.Format(LastAccessedAt),
    };

    private string? Text(string name) =>
        Metadata[name] is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 ? text : null;
}
