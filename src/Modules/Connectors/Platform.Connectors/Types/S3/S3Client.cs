using System.Net;
using System.Xml;
using System.Xml.Linq;
using Platform.Connectors.Types.Http;
using Platform.SharedKernel.Infrastructure.Egress;

namespace Platform.Connectors.Types.S3;

/// <summary>The two calls of the S3 protocol that reading needs, through the egress client.</summary>
internal sealed class S3Client(EgressClient egress, TimeProvider clock)
{
    public const int MaxObjects = 5000;
    private const int MaxPageBytes = 8 * 1024 * 1024;

    /// <summary>The objects below the prefix, in the order of their keys (ListObjectsV2); at most <see cref="MaxObjects"/>.</summary>
    /// <param name="settings">The connector.</param>
    /// <param name="limit">After how many to stop.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The objects, and whether there are more.</returns>
    public async Task<(IReadOnlyList<S3Object> Objects, bool HasMore)> ListAsync(
        ConnectorSettings settings, int limit, CancellationToken cancellationToken)
    {
        var config = S3Config.From(settings.Config);
        var objects = new List<S3Object>();
        string? next = null;
        do
        {
            // In the order of their names, as the signature wants them.
            var query = next is null ? "" : $"continuation-token={S3Signature.Encode(next)}&";
            using var response = await SendAsync(
                settings, config.AddressOf("", $"{query}list-type=2&prefix={S3Signature.Encode(config.Prefix)}"), null, cancellationToken);
            var page = await ReadXmlAsync(response, cancellationToken);
            objects.AddRange(page.Elements().Where(element => element.Name.LocalName == "Contents").Select(ObjectOf));
            next = Text(page, "IsTruncated") == "true" ? Text(page, "NextContinuationToken") : null;
        }
        while (next is not null && objects.Count < Math.Min(limit, MaxObjects));

        return (objects, next is not null);
    }

    /// <summary>Writes an object's bytes, as they were when it was listed.</summary>
    public async Task CopyToAsync(ConnectorSettings settings, S3Object item, string path, CancellationToken cancellationToken)
    {
        var config = S3Config.From(settings.Config);
        using var response = await SendAsync(settings, config.AddressOf(item.Key, ""), item.ETag, cancellationToken);
        await using var source = await response.Content.ReadAsStreamAsync(cancellationToken);
        await using var target = new FileStream(path, FileMode.Create, FileAccess.Write);
        var buffer = new byte[128 * 1024];
        for (int read; (read = await source.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            if (target.Length > item.Bytes)
            {
                throw new SourceException(SourceFailure.DataInvalid, "The object is longer than the source said.");
            }
        }
    }

    private async Task<HttpResponseMessage> SendAsync(
        ConnectorSettings settings, Uri address, string? etag, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        S3Signature.Sign(request, S3Config.From(settings.Config).Region, settings.Credentials, clock.GetUtcNow());
        if (etag is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", etag);
        }

        var response = await egress.SendAsync(request, cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw await FailureOfAsync(response, cancellationToken);
        }
    }

    private static async Task<SourceException> FailureOfAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        string? code = null;
        if (response.Content.Headers.ContentType?.MediaType?.EndsWith("xml", StringComparison.Ordinal) == true)
        {
            code = Text(await ReadXmlAsync(response, cancellationToken), "Code");
        }

        return code switch
        {
            "InvalidAccessKeyId" or "SignatureDoesNotMatch" or "InvalidToken" or "ExpiredToken" or "RequestTimeTooSkewed" =>
                new(SourceFailure.AuthenticationFailed, "The store does not accept these keys."),
            "NoSuchBucket" => new(SourceFailure.DatabaseNotFound, "The store has no such bucket."),
            "NoSuchKey" => new(SourceFailure.QueryFailed, "The object is gone."),
            "PermanentRedirect" or "AuthorizationHeaderMalformed" or "IllegalLocationConstraintException" =>
                new(SourceFailure.InvalidConfig, "The bucket is in another region."),
            "SlowDown" => new(SourceFailure.RateLimited, "The store asks to slow down."),
            _ when response.StatusCode == HttpStatusCode.PreconditionFailed =>
                new(SourceFailure.QueryFailed, "The object has changed meanwhile; ask again."),
            _ => HttpFailures.OfStatus(response.StatusCode),
        };
    }

    private static async Task<XElement> ReadXmlAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var settings = new XmlReaderSettings
        {
            Async = true,
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersInDocument = MaxPageBytes,
        };
        try
        {
            using var reader = XmlReader.Create(stream, settings);
            return await XElement.LoadAsync(reader, LoadOptions.None, cancellationToken);
        }
        catch (XmlException exception)
        {
            throw new SourceException(SourceFailure.DataInvalid, "The answer is not one of an S3 store.", exception);
        }
    }

    private static S3Object ObjectOf(XElement element) => new(
        Text(element, "Key") ?? "",
        long.TryParse(Text(element, "Size"), out var bytes) ? bytes : 0,
        Text(element, "ETag") ?? "",
        Text(element, "LastModified") ?? "");

    // Some stores leave the namespace out.
    private static string? Text(XElement parent, string name) =>
        parent.Elements().FirstOrDefault(element => element.Name.LocalName == name)?.Value;
}
