using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Platform.LocalSupabase.Storage.Objects;
using Platform.LocalSupabase.Storage.Options;

namespace Platform.LocalSupabase.Storage.Images;

/// <summary>
/// Sends an object as a resized image. A few at once: decoding cannot be stopped midway, so an image that takes too long fails its
/// request, and keeps its place until it is done.
/// </summary>
internal sealed class ImageRenderer(ObjectReader reader, LocalSupabaseOptions options) : IDisposable
{
    private readonly SemaphoreSlim _places = new(options.Storage.Images.MaxConcurrent);

    private ImageOptions Bounds => options.Storage.Images;

    public async Task<IResult> SendAsync(
        HttpContext context, ImageTransform transform, Func<Task<StoredObject>> find, DateTimeOffset? expires = null)
    {
        if (!Bounds.Enabled)
        {
            throw StorageException.NotEnabled("Image transformations are not enabled");
        }

        var (row, file) = await reader.OpenAsync(find, context.RequestAborted);
        await using (file)
        {
            var takesWebp = context.Request.Headers.Accept.ToString().Contains("image/webp", StringComparison.OrdinalIgnoreCase);
            var tag = TagOf(row, transform, takesWebp);
            ObjectReader.WriteHeaders(context, row, expires);
            context.Response.Headers["X-Transformations"] = transform.ToString();
            context.Response.Headers.Vary = HeaderNames.Accept;
            if (HasIt(context.Request, tag))
            {
                context.Response.Headers.ETag = tag.ToString();
                return TypedResults.StatusCode(StatusCodes.Status304NotModified);
            }

            if (file.Length > Bounds.MaxSourceBytes)
            {
                throw StorageException.InvalidRequest("The image is too large to be transformed");
            }

            var (content, mimeType) = await ResizeAsync(file, transform, takesWebp, context.RequestAborted);
            return TypedResults.Bytes(content, mimeType, entityTag: tag, lastModified: ObjectReader.ModifiedAt(row));
        }
    }

    public void Dispose() => _places.Dispose();

    private async Task<(byte[] Content, string MimeType)> ResizeAsync(
        Stream file, ImageTransform transform, bool takesWebp, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(Bounds.TimeoutSeconds));
        try
        {
            await _places.WaitAsync(limit.Token);
            var work = Task.Run(() => WorkAsync(file, transform, takesWebp, limit.Token), CancellationToken.None);
            return await work.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StorageException(504, "ImageTimeout", "ImageTimeout", "The image could not be transformed in time");
        }
    }

    private async Task<(byte[] Content, string MimeType)> WorkAsync(
        Stream file, ImageTransform transform, bool takesWebp, CancellationToken cancellationToken)
    {
        try
        {
            var source = new byte[file.Length];
            await file.ReadExactlyAsync(source, cancellationToken);
            return ImageResizer.Resize(source, transform, takesWebp, Bounds.MaxSourceMegapixels * 1_000_000L);
        }
        finally
        {
            _places.Release();
        }
    }

    private static EntityTagHeaderValue TagOf(StoredObject row, ImageTransform transform, bool takesWebp)
    {
        var facts = SHA256.HashData(Encoding.UTF8.GetBytes($"{row.Version} {transform} {takesWebp}"));
        return new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(facts)}\"");
    }

    private static bool HasIt(HttpRequest request, EntityTagHeaderValue tag) =>
        request.GetTypedHeaders().IfNoneMatch is { Count: > 0 } known
        && known.Any(mine => mine.Equals(EntityTagHeaderValue.Any) || mine.Compare(tag, useStrongComparison: false));
}
