using Npgsql;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Storage.Resumable;

/// <summary>The rows of uploads in parts. Changes of the offset are for the holder of the upload's lock.</summary>
internal sealed class UploadStore(StorageDatabase database, TimeProvider clock)
{
    public Task AddAsync(ResumableUpload upload, CancellationToken cancellationToken) => database.AsServiceAsync(
        connection => connection.Command(
            $"""
            insert into storage.resumable_uploads ({ResumableUpload.Columns})
            values (@id, @bucket, @key, @owner_id, @upsert, @length::bigint, 0, @metadata, false, @expires_at)
            """,
            ("id", upload.Id), ("bucket", upload.Bucket), ("key", upload.Key), ("owner_id", upload.OwnerId), ("upsert", upload.Upsert),
            ("length", upload.Length), ("metadata", upload.Metadata), ("expires_at", upload.ExpiresAt)).ExecuteAsync(cancellationToken),
        cancellationToken);

    /// <summary>The upload, or null when there is none or its time is over.</summary>
    public Task<ResumableUpload?> FindAsync(Guid id, CancellationToken cancellationToken) => database.AsServiceAsync(
        connection => connection.Command(
            $"select {ResumableUpload.Columns} from storage.resumable_uploads where id = @id and expires_at > @now",
            ("id", id), ("now", clock.GetUtcNow())).FirstAsync(ResumableUpload.Read, cancellationToken),
        cancellationToken);

    /// <summary>Confirms bytes that are on disk, and the length where it was not known before.</summary>
    public Task MoveAsync(ResumableUpload upload) => database.AsServiceAsync(
        connection => connection.Command(
            "update storage.resumable_uploads set upload_offset = @offset, upload_length = @length::bigint where id = @id",
            ("id", upload.Id), ("offset", upload.Offset), ("length", upload.Length)).ExecuteAsync(CancellationToken.None),
        CancellationToken.None);

    /// <summary>In the transaction that makes the object.</summary>
    public static Task CompleteAsync(NpgsqlConnection connection, ResumableUpload upload) => connection.Command(
        "update storage.resumable_uploads set upload_offset = @length, upload_length = @length, completed = true where id = @id",
        ("id", upload.Id), ("length", upload.Length)).ExecuteAsync(CancellationToken.None);

    public Task RemoveAsync(Guid id) => database.AsServiceAsync(
        connection => connection.Command("delete from storage.resumable_uploads where id = @id", ("id", id)).ExecuteAsync(CancellationToken.None),
        CancellationToken.None);
}
