using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Platform.SharedKernel.Infrastructure.Json;

namespace Platform.SharedKernel.Infrastructure.Supabase;

/// <summary>
/// Supabase Storage. It acts with the service key, so a caller names only paths that a row under row-level security has given it.
/// Paths begin with the owner's id, which policies on <c>storage.objects</c> rely on.
/// </summary>
public sealed class StorageGateway
{
    /// <summary>How many files <see cref="ListAsync"/> answers at most.</summary>
    public const int MaxListed = 1000;

    private readonly SupabaseHttp _http;

    internal StorageGateway(SupabaseHttp http) => _http = http;

    /// <summary>Makes a private bucket if it is not there.</summary>
    /// <param name="bucket">The bucket's id.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>When it is there.</returns>
    public async Task EnsureBucketAsync(string bucket, CancellationToken cancellationToken)
    {
        using var content = JsonContent.Create(new { id = bucket, name = bucket, @public = false }, options: PlatformJson.Options);
        using var request = _http.Request(HttpMethod.Post, "storage/v1/bucket", content);
        try
        {
            using var response = await _http.SendAsync(request, cancellationToken);
        }
        catch (SupabaseException refused) when (refused.Message.Contains("Duplicate", StringComparison.Ordinal)
            || refused.Message.Contains("already exists", StringComparison.Ordinal))
        {
            // Another node was faster.
        }
    }

    /// <summary>Stores a file, replacing one of the same path.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="path">The path in it.</param>
    /// <param name="content">The bytes, read once.</param>
    /// <param name="contentType">The media type.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>When it is stored.</returns>
    public async Task UploadAsync(string bucket, string path, Stream content, string contentType, CancellationToken cancellationToken)
    {
        using var body = new StreamContent(content);
        body.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        using var request = _http.Request(HttpMethod.Post, $"storage/v1/object/{Escape(bucket, path)}", body);
        request.Headers.Add("x-upsert", "true");
        using var response = await _http.SendAsync(request, cancellationToken);
    }

    /// <summary>Reads a file.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="path">The path in it.</param>
    /// <param name="destination">Gets the bytes.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>When all bytes are written.</returns>
    public async Task DownloadAsync(string bucket, string path, Stream destination, CancellationToken cancellationToken)
    {
        using var request = _http.Request(HttpMethod.Get, $"storage/v1/object/authenticated/{Escape(bucket, path)}");
        using var response = await _http.SendAsync(request, cancellationToken);
        await response.Content.CopyToAsync(destination, cancellationToken);
    }

    /// <summary>Makes a URL that reads a file without a header.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="path">The path in it.</param>
    /// <param name="lifetime">How long it works.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The path and query below the project's <c>/storage/v1</c>.</returns>
    public async Task<string> SignAsync(string bucket, string path, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        using var content = JsonContent.Create(new Dictionary<string, int> { ["expiresIn"] = (int)lifetime.TotalSeconds });
        using var request = _http.Request(HttpMethod.Post, $"storage/v1/object/sign/{Escape(bucket, path)}", content);
        using var response = await _http.SendAsync(request, cancellationToken);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        return answer.GetProperty("signedURL").GetString()!;
    }

    /// <summary>Removes files; those that are not there count as removed.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="paths">The paths in it.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>When they are gone.</returns>
    public async Task RemoveAsync(string bucket, IReadOnlyCollection<string> paths, CancellationToken cancellationToken)
    {
        using var content = JsonContent.Create(new { prefixes = paths });
        using var request = _http.Request(HttpMethod.Delete, $"storage/v1/object/{Uri.EscapeDataString(bucket)}", content);
        using var response = await _http.SendAsync(request, cancellationToken);
    }

    /// <summary>Lists the files right in a folder.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="folder">The folder's path, without a slash at its end.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The names in the folder, at most <see cref="MaxListed"/>.</returns>
    public async Task<IReadOnlyList<string>> ListAsync(string bucket, string folder, CancellationToken cancellationToken)
    {
        using var content = JsonContent.Create(new { prefix = folder, limit = MaxListed });
        using var request = _http.Request(HttpMethod.Post, $"storage/v1/object/list/{Uri.EscapeDataString(bucket)}", content);
        using var response = await _http.SendAsync(request, cancellationToken);
        var entries = await response.Content.ReadFromJsonAsync<List<JsonElement>>(cancellationToken);
        // A folder has no id.
        return [.. entries!.Where(entry => entry.GetProperty("id").ValueKind == JsonValueKind.String)
            .Select(entry => entry.GetProperty("name").GetString()!)];
    }

    private static string Escape(string bucket, string path) =>
        $"{Uri.EscapeDataString(bucket)}/{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}";
}
