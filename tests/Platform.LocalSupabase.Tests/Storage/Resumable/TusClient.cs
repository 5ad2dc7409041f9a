using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace Platform.LocalSupabase.Tests.Storage.Resumable;

/// <summary>TUS 1.0.0 by hand, so that a test can say each header.</summary>
internal static class TusClient
{
    public const string Path = "/storage/v1/upload/resumable";

    public static string Metadata(string bucket, string key, params (string Name, string Value)[] more) => string.Join(',',
        new[] { ("bucketName", bucket), ("objectName", key) }.Concat(more)
            .Select(pair => $"{pair.Item1} {Convert.ToBase64String(Encoding.UTF8.GetBytes(pair.Item2))}"));

    public static async Task<HttpResponseMessage> CreateAsync(
        this HttpClient client, string metadata, long? length, byte[]? content = null, string path = Path, params (string Name, string Value)[] headers)
    {
        using var request = Request(HttpMethod.Post, path, content);
        request.Headers.Add("Upload-Metadata", metadata);
        request.Headers.Add(
            length is null ? "Upload-Defer-Length" : "Upload-Length", (length ?? 1).ToString(CultureInfo.InvariantCulture));
        Add(request, headers);
        return await client.SendAsync(request);
    }

    /// <summary>Creates an upload that must be taken, and gives its URL.</summary>
    public static async Task<Uri> BeginAsync(this HttpClient client, string metadata, long? length, params (string Name, string Value)[] headers)
    {
        using var response = await client.CreateAsync(metadata, length, headers: headers);
        Assert.That((int)response.StatusCode, Is.EqualTo(201), await response.Content.ReadAsStringAsync());
        return response.Headers.Location!;
    }

    public static async Task<HttpResponseMessage> AppendAsync(
        this HttpClient client, Uri upload, long offset, byte[] content, params (string Name, string Value)[] headers)
    {
        using var request = Request(HttpMethod.Patch, upload.ToString(), content);
        request.Headers.Add("Upload-Offset", offset.ToString(CultureInfo.InvariantCulture));
        Add(request, headers);
        return await client.SendAsync(request);
    }

    public static async Task<HttpResponseMessage> LookAsync(this HttpClient client, Uri upload)
    {
        using var request = Request(HttpMethod.Head, upload.ToString(), null);
        return await client.SendAsync(request);
    }

    public static async Task<HttpResponseMessage> TerminateAsync(this HttpClient client, Uri upload)
    {
        using var request = Request(HttpMethod.Delete, upload.ToString(), null);
        return await client.SendAsync(request);
    }

    public static async Task<long> OffsetAsync(this HttpClient client, Uri upload)
    {
        using var response = await client.LookAsync(upload);
        Assert.That((int)response.StatusCode, Is.EqualTo(200));
        return response.Number("Upload-Offset");
    }

    public static long Number(this HttpResponseMessage response, string header) =>
        long.Parse(response.Headers.GetValues(header).Single(), CultureInfo.InvariantCulture);

    public static async Task ExpectTusAsync(this HttpResponseMessage response, int status, string? message = null)
    {
        var body = await response.Content.ReadAsStringAsync();
        using (Assert.EnterMultipleScope())
        {
            Assert.That((int)response.StatusCode, Is.EqualTo(status), body);
            Assert.That(response.Headers.GetValues("Tus-Resumable").Single(), Is.EqualTo("1.0.0"));
            if (message is not null)
            {
                Assert.That(body, Is.EqualTo(message));
            }
        }
    }

    private static HttpRequestMessage Request(HttpMethod method, string url, byte[]? content)
    {
        var request = new HttpRequestMessage(method, url);
        request.Headers.Add("Tus-Resumable", "1.0.0");
        if (content is not null)
        {
            request.Content = new ByteArrayContent(content);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/offset+octet-stream");
        }

        return request;
    }

    private static void Add(HttpRequestMessage request, (string Name, string Value)[] headers)
    {
        foreach (var (name, value) in headers)
        {
            request.Headers.Remove(name);
            request.Headers.Add(name, value);
        }
    }
}
