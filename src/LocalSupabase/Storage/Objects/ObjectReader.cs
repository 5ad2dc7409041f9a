using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Platform.LocalSupabase.Storage.BackEnds;
using Platform.LocalSupabase.Storage.Buckets;

namespace Platform.LocalSupabase.Storage.Objects;

/// <summary>Finds objects and sends their files: whole, in part, or not at all where the client has them.</summary>
internal sealed class ObjectReader(StorageDatabase database, IObjectBackEnd backEnd)
{
    /// <summary>The object as the caller's policies show it; what they hide is not there.</summary>
    public async Task<StoredObject> RequireAsync(StorageCaller caller, HttpContext context, string operation, string bucket, string key) =>
        CanExist(bucket, key) && await database.AsCallerAsync(caller, context, operation, connection =>
            StoredObject.FindAsync(connection, bucket, key, context.RequestAborted)) is { } found
            ? found
            : throw StorageException.NoSuchKey();

    /// <summary>The object without a look at policies: in a public bucket, or by a signed URL.</summary>
    public async Task<StoredObject> RequireUncheckedAsync(string bucket, string key, CancellationToken cancellationToken) =>
        CanExist(bucket, key) && await database.AsServiceAsync(connection =>
            StoredObject.FindAsync(connection, bucket, key, cancellationToken), cancellationToken) is { } found
            ? found
            : throw StorageException.NoSuchKey();

    public async Task<bool> IsPublicAsync(string bucket, CancellationToken cancellationToken) =>
        StorageNames.IsBucket(bucket) && await database.AsServiceAsync(connection =>
            Bucket.FindAsync(connection, bucket, cancellationToken), cancellationToken) is { IsPublic: true };

    /// <summary>
    /// Opens the file of an object. A write at the same moment may have replaced the version and deleted its file, so a file counts
    /// as lost only when the row still names that version.
    /// </summary>
    public async Task<(StoredObject Row, Stream File)> OpenAsync(Func<Task<StoredObject>> find, CancellationToken cancellationToken)
    {
        string? missing = null;
        while (true)
        {
            var row = await find();
            if (Guid.TryParse(row.Version, out var version) && await backEnd.OpenReadAsync(version, cancellationToken) is { } file)
            {
                return (row, file);
            }

            if (row.Version is null || row.Version == missing)
            {
                throw StorageException.NoSuchFile();
            }

            missing = row.Version;
        }
    }

    /// <summary>The answer to a download. <paramref name="expires"/> is set for a signed URL, and then nothing is said of caching.</summary>
    public async Task<IResult> SendAsync(HttpContext context, Func<Task<StoredObject>> find, DateTimeOffset? expires = null)
    {
        var (row, file) = await OpenAsync(find, context.RequestAborted);
        WriteHeaders(context, row, expires);
        var contentType = HarmlessTypeOf(row.MimeType);
        if (contentType.Contains("xml", StringComparison.OrdinalIgnoreCase))
        {
            // SVG and its kind can hold scripts, and files come from the same origin as everything else here.
            context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
        }

        var tag = row.ETag is { } text && EntityTagHeaderValue.TryParse(text, out var parsed) ? parsed : null;
        return WholeFile.IsWanted(context.Request)
            ? new WholeFile(file, contentType, ModifiedAt(row), tag)
            : TypedResults.Stream(file, contentType, lastModified: ModifiedAt(row), entityTag: tag, enableRangeProcessing: true);
    }

    /// <summary>What every answer with a file says, whatever becomes of the file on its way.</summary>
    public static void WriteHeaders(HttpContext context, StoredObject row, DateTimeOffset? expires)
    {
        var headers = context.Response.Headers;
        headers["X-Robots-Tag"] = "none";
        headers.XContentTypeOptions = "nosniff";
        if (expires is { } time)
        {
            headers.Expires = time.ToString("R", CultureInfo.InvariantCulture);
        }
        else
        {
            headers.CacheControl = row.CacheControl;
        }

        if (DispositionOf(context.Request) is { } disposition)
        {
            headers.ContentDisposition = disposition;
        }
    }

    /// <summary>HTTP dates have whole seconds: a finer one would never equal what a client sends back.</summary>
    public static DateTimeOffset? ModifiedAt(StoredObject row) =>
        row.UpdatedAt is { } updated ? updated.AddTicks(-(updated.Ticks % TimeSpan.TicksPerSecond)) : null;

    // No stored name is invalid, so such a name needs no question to the database, which would refuse some of its letters.
    private static bool CanExist(string bucket, string key) => StorageNames.IsBucket(bucket) && StorageNames.IsKey(key);

    // A page of a user would run in the origin of the host.
    private static string HarmlessTypeOf(string mimeType) => mimeType.StartsWith("text/html", StringComparison.OrdinalIgnoreCase)
        ? string.Concat("text/plain", mimeType.AsSpan("text/html".Length))
        : mimeType;

    private static string? DispositionOf(HttpRequest request)
    {
        if (!request.Query.TryGetValue("download", out var name))
        {
            return null;
        }

        var encoded = Uri.EscapeDataString(name.ToString());
        return encoded.Length == 0 ? "attachment;" : $"attachment; filename={encoded}; filename*=UTF-8''{encoded}";
    }
}
