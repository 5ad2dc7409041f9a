using Microsoft.AspNetCore.Http;

namespace Platform.Dashboards.Exports;

/// <summary>Answers a request with a file to keep. It is the caller's alone: no cache on the way keeps it.</summary>
internal static class FileAnswer
{
    /// <summary>Writes the headers; the body follows.</summary>
    public static void Begin(HttpResponse response, string name, string mediaType)
    {
        response.ContentType = mediaType;
        response.Headers.ContentDisposition = $"attachment; filename=\"{name}\"";
        response.Headers.CacheControl = "no-store";
    }

    /// <summary>Writes a whole file.</summary>
    public static async Task WriteAsync(HttpContext http, string name, string mediaType, ReadOnlyMemory<byte> content)
    {
        Begin(http.Response, name, mediaType);
        http.Response.ContentLength = content.Length;
        await http.Response.Body.WriteAsync(content, http.RequestAborted);
    }
}
