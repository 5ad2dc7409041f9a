using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Platform.LocalSupabase.Storage.Objects;

/// <summary>
/// A file that is sent whole: its pieces go to the connection as they were read. The framework's own result, which also sends parts and
/// compares versions, copies each piece once more.
/// </summary>
internal sealed class WholeFile(Stream file, string contentType, DateTimeOffset? modifiedAt, EntityTagHeaderValue? tag) : IResult
{
    private static readonly string[] Conditions =
    [
        HeaderNames.Range, HeaderNames.IfRange, HeaderNames.IfMatch, HeaderNames.IfNoneMatch, HeaderNames.IfModifiedSince,
        HeaderNames.IfUnmodifiedSince,
    ];

    /// <summary>Whether a request asks for the whole file, whatever version its sender has.</summary>
    public static bool IsWanted(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && !Array.Exists(Conditions, request.Headers.ContainsKey);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        await using (file)
        {
            var response = httpContext.Response;
            response.ContentType = contentType;
            response.ContentLength = file.Length;
            var headers = response.GetTypedHeaders();
            (headers.LastModified, headers.ETag) = (modifiedAt, tag);
            response.Headers.AcceptRanges = "bytes";
            try
            {
                await file.CopyToAsync(response.Body, httpContext.RequestAborted);
            }
            catch (OperationCanceledException) when (httpContext.RequestAborted.IsCancellationRequested)
            {
                // The client has left.
            }
        }
    }
}
