using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Platform.SharedKernel.Paging;

namespace Platform.Identity.Features.Profile;

/// <summary>Preferences or settings: the document itself is the body of the answer.</summary>
internal sealed record ProfileDocument(JsonElement Document) : VersionedResponse;

/// <summary>Answers with the document, while the kernel's filter sees its version.</summary>
internal sealed class DocumentResult(ProfileDocument document) : IResult, IValueHttpResult, IStatusCodeHttpResult
{
    public object Value => document;

    public int? StatusCode => StatusCodes.Status200OK;

    public Task ExecuteAsync(HttpContext httpContext) => httpContext.Response.WriteAsJsonAsync(document.Document);
}
