using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Platform.LocalSupabase.Http;

namespace Platform.LocalSupabase.Storage;

/// <summary>Reads a JSON body of the storage API.</summary>
internal static class StorageBody
{
    private const int MaxLength = 1024 * 1024;

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { PropertyNameCaseInsensitive = false, MaxDepth = 32 };

    public static async Task<T> ReadAsync<T>(HttpRequest request)
        where T : class
    {
        var bytes = await ReadBytesAsync(request.Body, MaxLength, request.HttpContext.RequestAborted);
        try
        {
            StorableJson.Check(bytes);
            return JsonSerializer.Deserialize<T>(bytes, Options) ?? throw StorageException.InvalidRequest("body must be object");
        }
        catch (JsonException exception)
        {
            throw StorageException.InvalidRequest($"body{exception.Path?.TrimStart('$').Replace('.', '/')} is not valid");
        }
    }

    public static StorageException Missing(string property) => StorageException.InvalidRequest($"body must have required property '{property}'");

    /// <summary>Reads a small stream to its end.</summary>
    public static async Task<byte[]> ReadBytesAsync(Stream stream, int limit, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        var chunk = new byte[8 * 1024];
        int read;
        while ((read = await stream.ReadAsync(chunk, cancellationToken)) > 0)
        {
            buffer.Write(chunk, 0, read);
            if (buffer.Length > limit)
            {
                throw StorageException.TooLarge();
            }
        }

        return buffer.ToArray();
    }
}
