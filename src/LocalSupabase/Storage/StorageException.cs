using Microsoft.AspNetCore.Http;

namespace Platform.LocalSupabase.Storage;

/// <summary>
/// An expected failure of the storage API. The status that counts stands in the body; the HTTP status is 400 for nearly
/// everything, and official clients rely on both.
/// </summary>
internal sealed class StorageException(int statusCode, string error, string code, string message) : Exception(message)
{
    public int StatusCode { get; } = statusCode;

    public string Error { get; } = error;

    public string Code { get; } = code;

    public static StorageException NoSuchBucket() => new(404, "Bucket not found", "NoSuchBucket", "Bucket not found");

    public static StorageException NoSuchKey() => new(404, "not_found", "NoSuchKey", "Object not found");

    public static StorageException NoSuchFile() => new(404, "Not found", "NoSuchKey", "The resource was not found");

    public static StorageException AccessDenied(string message = "new row violates row-level security policy") =>
        new(403, "Unauthorized", "AccessDenied", message);

    public static StorageException ObjectExists() => new(409, "Duplicate", "KeyAlreadyExists", "The resource already exists");

    public static StorageException BucketExists() => new(409, "Duplicate", "BucketAlreadyExists", "The resource already exists");

    public static StorageException BucketNotEmpty() =>
        new(409, "ResourceNotEmpty", "ResourceNotEmpty", "The bucket you tried to delete is not empty");

    public static StorageException TooLarge() =>
        new(413, "Payload too large", "EntityTooLarge", "The object exceeded the maximum allowed size");

    public static StorageException InvalidMimeType(string type) =>
        new(415, "invalid_mime_type", "InvalidMimeType", $"mime type {type} is not supported");

    public static StorageException InvalidKey(string key) => new(400, "InvalidKey", "InvalidKey", $"Invalid key: {key}");

    public static StorageException InvalidBucketName() => new(400, "Invalid Input", "InvalidBucketName", "Bucket name invalid");

    public static StorageException InvalidRequest(string message) => new(400, "Error", "InvalidRequest", message);

    public static StorageException InvalidToken(string message) => new(400, "InvalidJWT", "InvalidJWT", message);

    public static StorageException InvalidSignature() => new(400, "InvalidSignature", "InvalidSignature", "Invalid signature");

    public static StorageException NotEnabled(string message) => new(409, "FeatureNotEnabled", "FeatureNotEnabled", message);

    public static StorageException DiskFull() =>
        new(StatusCodes.Status507InsufficientStorage, "InsufficientStorage", "InsufficientStorage", "There is no space left for files");

    public static StorageException Internal() => new(StatusCodes.Status500InternalServerError, "Internal", "InternalError", "Internal Server Error");
}
