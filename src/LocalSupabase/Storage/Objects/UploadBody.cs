using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Platform.LocalSupabase.Http;

namespace Platform.LocalSupabase.Storage.Objects;

/// <summary>
/// The file in an upload's body, and what is said about it. A form's fields before the file are known at once, those after it
/// once the file is read.
/// </summary>
internal sealed class UploadBody
{
    private const int MaxFieldLength = 1024 * 1024;
    public const string DefaultMimeType = "application/octet-stream";

    private readonly MultipartReader? _form;
    private readonly CancellationToken _cancellationToken;
    private bool _typeIsField;

    private UploadBody(MultipartReader? form, CancellationToken cancellationToken) => (_form, _cancellationToken) = (form, cancellationToken);

    /// <summary>The file.</summary>
    public Stream Content { get; private set; } = Stream.Null;

    public string MimeType { get; private set; } = DefaultMimeType;

    public string CacheControl { get; private set; } = "no-cache";

    public JsonObject? UserMetadata { get; private set; }

    public ContentFacts Facts => new(MimeType, CacheControl, UserMetadata);

    /// <summary>The file's length where the request tells it: not in a form, and not in a stream without one.</summary>
    public long? Length { get; private set; }

    public static async Task<UploadBody> OpenAsync(HttpRequest request)
    {
        var cancellationToken = request.HttpContext.RequestAborted;
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
        {
            return new UploadBody(null, cancellationToken)
            {
                Content = request.Body,
                Length = request.ContentLength,
                MimeType = CheckedMimeType(string.IsNullOrWhiteSpace(request.ContentType) ? DefaultMimeType : request.ContentType),
                CacheControl = PrintableOrNoCache(request.Headers.CacheControl),
                UserMetadata = MetadataFromHeader(request),
            };
        }

        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).Value;
        if (string.IsNullOrEmpty(boundary))
        {
            throw StorageException.InvalidRequest("the form has no boundary");
        }

        var form = new UploadBody(new MultipartReader(boundary, request.Body), cancellationToken);
        await form.ReadFieldsAsync(untilFile: true);
        return form;
    }

    /// <summary>The user's metadata in a header: JSON in base64, because a header holds no other letters.</summary>
    public static JsonObject? MetadataFromHeader(HttpRequest request)
    {
        var header = request.Headers["x-metadata"].ToString();
        if (header.Length == 0)
        {
            return null;
        }

        try
        {
            return ParseMetadata(Encoding.UTF8.GetString(Convert.FromBase64String(header)));
        }
        catch (FormatException)
        {
            throw StorageException.InvalidRequest("x-metadata is not base64");
        }
    }

    /// <summary>What comes back in a response header must be able to stand in one.</summary>
    public static string CheckedMimeType(string mimeType) =>
        MediaTypeHeaderValue.TryParse(mimeType, out _) && IsPrintable(mimeType) ? mimeType : throw StorageException.InvalidMimeType(mimeType);

    public static string PrintableOrNoCache(string? text) => string.IsNullOrWhiteSpace(text) || !IsPrintable(text) ? "no-cache" : text;

    /// <summary>Reads what follows the file.</summary>
    public Task FinishAsync() => _form is null ? Task.CompletedTask : ReadFieldsAsync(untilFile: false);

    private async Task ReadFieldsAsync(bool untilFile)
    {
        try
        {
            while (await _form!.ReadNextSectionAsync(_cancellationToken) is { } section)
            {
                // Official clients give the file an empty name, so a part with a name and no file name is a field.
                if (ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition)
                    && !disposition.IsFileDisposition() && HeaderUtilities.RemoveQuotes(disposition.Name) is { Length: > 0 } name)
                {
                    var text = Encoding.UTF8.GetString(await StorageBody.ReadBytesAsync(section.Body, MaxFieldLength, _cancellationToken));
                    TakeField(name.Value!, text);
                }
                else if (untilFile)
                {
                    Content = section.Body;
                    MimeType = _typeIsField || string.IsNullOrWhiteSpace(section.ContentType) ? MimeType : CheckedMimeType(section.ContentType);
                    return;
                }
            }
        }
        catch (Exception exception) when (exception is InvalidDataException || (exception is IOException and not BadHttpRequestException))
        {
            throw StorageException.InvalidRequest("the form is not complete");
        }

        if (untilFile)
        {
            throw StorageException.InvalidRequest("the form has no file");
        }
    }

    private void TakeField(string name, string text)
    {
        switch (name)
        {
            case "cacheControl":
                var isNumber = uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds);
                CacheControl = isNumber ? $"max-age={seconds}" : "no-cache";
                break;
            case "contentType" when text.Length > 0:
                (MimeType, _typeIsField) = (CheckedMimeType(text), true);
                break;
            case "metadata" when text.Length > 0:
                UserMetadata = ParseMetadata(text);
                break;
        }
    }

    public static JsonObject ParseMetadata(string json)
    {
        try
        {
            StorableJson.Check(Encoding.UTF8.GetBytes(json));
            return JsonNode.Parse(json) as JsonObject ?? throw StorageException.InvalidRequest("metadata must be an object");
        }
        catch (JsonException)
        {
            throw StorageException.InvalidRequest("metadata is not JSON");
        }
    }

    private static bool IsPrintable(string text) => text.All(letter => letter is >= ' ' and <= '~');
}
