using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Platform.LocalSupabase.Storage.Resumable;

/// <summary>Headers of TUS 1.0.0, and the ids that storage makes of them.</summary>
internal static class TusProtocol
{
    public const string Version = "1.0.0";
    public const string Extensions = "creation,creation-with-upload,creation-defer-length,termination,expiration,checksum";
    public const string ChecksumAlgorithms = "sha1,sha256";
    public const string ContentType = "application/offset+octet-stream";
    public const int ChecksumMismatch = 460;

    public static void RequireVersion(HttpRequest request)
    {
        if (request.Headers["Tus-Resumable"].ToString() != Version)
        {
            throw new StorageException(412, "TusError", "TusError", $"Tus-Resumable must be {Version}");
        }
    }

    /// <summary>A header with a number of bytes; null when it is not there.</summary>
    public static long? Number(HttpRequest request, string name)
    {
        var text = request.Headers[name].ToString();
        if (text.Length == 0)
        {
            return null;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw StorageException.InvalidRequest($"{name} is not a number of bytes");
    }

    public static string IdOf(ResumableUpload upload) =>
        WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes($"{upload.Bucket}/{upload.Key}/{upload.Id}"));

    /// <summary>The row's id at the end of an id; what stands before it is for people.</summary>
    public static Guid ParseId(string id)
    {
        try
        {
            var text = Encoding.UTF8.GetString(WebEncoders.Base64UrlDecode(id));
            return Guid.TryParse(text[(text.LastIndexOf('/') + 1)..], out var upload) ? upload : throw NoSuchUpload();
        }
        catch (FormatException)
        {
            throw NoSuchUpload();
        }
    }

    public static StorageException NoSuchUpload() => new(404, "not_found", "NoSuchUpload", "The file for this url was not found");

    public static void WriteState(HttpResponse response, ResumableUpload upload)
    {
        response.Headers["Upload-Offset"] = upload.Offset.ToString(CultureInfo.InvariantCulture);
        if (!upload.Completed)
        {
            response.Headers["Upload-Expires"] = upload.ExpiresAt.ToString("R", CultureInfo.InvariantCulture);
        }
    }
}
