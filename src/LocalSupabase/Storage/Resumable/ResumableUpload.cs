using Npgsql;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Storage.Resumable;

/// <summary>A row of <c>storage.resumable_uploads</c>: an object that comes in parts.</summary>
/// <param name="Id">Names the row and the file that grows.</param>
/// <param name="Bucket">Where the object will be.</param>
/// <param name="Key">What it will be called.</param>
/// <param name="OwnerId">The subject of the token that began the upload.</param>
/// <param name="Upsert">Whether it may replace an object.</param>
/// <param name="Length">In bytes; null while the client has not said it.</param>
/// <param name="Offset">How many bytes are on disk for good.</param>
/// <param name="Metadata">The header <c>Upload-Metadata</c> as it was sent.</param>
/// <param name="Completed">Whether the object was made. The row stays for a while, for a client that missed the last answer.</param>
/// <param name="ExpiresAt">When the upload is given up.</param>
internal sealed record ResumableUpload(
    Guid Id, string Bucket, string Key, string? OwnerId, bool Upsert, long? Length, long Offset, string Metadata, bool Completed,
    DateTimeOffset ExpiresAt)
{
    public const string Columns =
        "id, bucket_id, name, owner_id, upsert, upload_length, upload_offset, upload_metadata, completed, expires_at";

    public UploadMetadata Facts => UploadMetadata.Parse(Metadata);

    public static ResumableUpload Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.TextOrNull("owner_id"), reader.GetBoolean(4),
        reader.ValueOrNull<long>("upload_length"), reader.GetInt64(6), reader.GetString(7), reader.GetBoolean(8),
        reader.GetFieldValue<DateTimeOffset>(9));
}
